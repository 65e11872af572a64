import { writeFileSync } from "node:fs";
import { toReference } from "./reference.ts";
import { routeTable } from "./routeTable.ts";

writeFileSync(new URL("../../docs/api.md", import.meta.url), toReference(routeTable));
