import { startGrids } from "./grid";
import { startPreviews } from "./preview";
import { startSeeds } from "./seed";
import { startSubmits } from "./submit";

startGrids(document);
startPreviews(document);
startSeeds(document);
startSubmits(document);
