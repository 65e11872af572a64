import { searchFault } from "../../app/searchFault.ts";
import { findProgram, thisMachine } from "../../base/findProgram.ts";
import { type Check, ok, warning } from "./check.ts";

export const search: Check = {
  name: "Search",
  async run({ env }) {
    const found = findProgram(["rg"], [process.cwd()], { ...thisMachine, env });
    if (!found) return [warning("ripgrep (rg) is not in PATH; searching files is slower", "Install ripgrep")];
    const fault = await searchFault(found);
    return [
      fault === undefined ? ok(found) : warning(`${found}: ${fault}; searching files is slower`, "Install it anew"),
    ];
  },
};
