import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toOpenApi } from "../../src/gateway/docs/openapi.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { CLIENT_CODE } from "./clientCode.ts";
import { type OpenApi, toClient } from "./toClient.ts";

const file = fileURLToPath(new URL("../../examples/typescript/pincerClient.ts", import.meta.url));
const config = fileURLToPath(new URL("../../.oxfmtrc.json", import.meta.url));
writeFileSync(file, toClient(toOpenApi(routeTable, "1") as unknown as OpenApi, CLIENT_CODE));
execFileSync("oxfmt", ["-c", config, file]);
