import { startGrids } from "./grid";
import { startPreviews } from "./preview";
import { startScrolls } from "./scroll";
import { startSeeds } from "./seed";
import { startSubmits } from "./submit";
import { startTimes } from "./time";

startGrids(document);
startPreviews(document);
startScrolls(document);
startSeeds(document);
startSubmits(document);
startTimes(document);
