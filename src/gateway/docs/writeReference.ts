import { writeFileSync } from "node:fs";
import { toReference } from "./reference.ts";
import { routeTable } from "../routes/routeTable.ts";

writeFileSync(new URL("../../../docs/api.md", import.meta.url), toReference(routeTable));
