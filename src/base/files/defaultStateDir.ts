import { join } from "node:path";
import { homeFolder } from "./homeFolder.ts";

/** The state folder where nobody named another. */
export function defaultStateDir(home = homeFolder()): string {
  return join(home, ".pincer");
}
