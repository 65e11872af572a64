import { type Check, ok, warning } from "./check.ts";
import { findProgram } from "./findProgram.ts";

export const search: Check = {
  name: "Search",
  run({ env }) {
    const found = findProgram(["rg"], env);
    return [found ? ok(found) : warning("ripgrep (rg) is not in PATH; searching files is slower", "Install ripgrep")];
  },
};
