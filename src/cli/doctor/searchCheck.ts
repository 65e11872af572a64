import { findProgram, thisMachine } from "../../base/findProgram.ts";
import { type Check, ok, warning } from "./check.ts";

export const search: Check = {
  name: "Search",
  run({ env }) {
    const found = findProgram(["rg"], [process.cwd()], { ...thisMachine, env });
    return [found ? ok(found) : warning("ripgrep (rg) is not in PATH; searching files is slower", "Install ripgrep")];
  },
};
