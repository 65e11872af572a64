import { existsSync } from "node:fs";
import { formatProblem } from "../../config/configProblem.ts";
import { type Check, ok, type Finding } from "./check.ts";

export const configuration: Check = {
  name: "Configuration",
  run({ reading, configFile }) {
    const findings = reading.problems.map((problem): Finding => ({
      level: problem.severity === "error" ? "broken" : "warning",
      text: formatProblem(problem),
      ...(problem.suggestion === undefined ? {} : { fix: `Write ${problem.suggestion}` }),
    }));
    if (findings.length > 0) return findings;
    return [ok(existsSync(configFile) ? configFile : `${configFile} is not there; the defaults hold`)];
  },
};
