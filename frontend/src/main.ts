import { startFocus } from "./focus";
import { startGrids } from "./grid";
import { startPreviews } from "./preview";
import { startScrolls } from "./scroll";
import { startSeeds } from "./seed";
import { startSubmits } from "./submit";
import { startTables } from "./table";
import { startTimes } from "./time";

startFocus(document);
startGrids(document);
startPreviews(document);
startScrolls(document);
startSeeds(document);
startSubmits(document);
startTables(document);
startTimes(document);
