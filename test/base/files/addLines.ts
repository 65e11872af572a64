import { openConfirmed } from "../../../src/app/settings/confirmed.ts";
import { silentLog } from "../../../src/base/log.ts";
import { addRule } from "../../../src/config/write/addRule.ts";
import { openSecrets } from "../../../src/config/secrets.ts";

// node addLines.ts STATE NAME COUNT: adds secrets, confirmations and rules, as fast as it can, when its input says so.
const [stateDir = "", name = "", count = "0"] = process.argv.slice(2);
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
for (let index = 0; index < Number(count); index += 1) {
  const key = `${name}${index}`;
  // Several at once in one process too.
  await Promise.all([
    openSecrets(stateDir).set(key, "value"),
    openSecrets(stateDir).set(`${key}b`, "value"),
    openConfirmed(stateDir, silentLog).add(key),
    addRule(`${stateDir}/openclaw.yml`, { allow: "exec", command: key }),
  ]);
}
process.exit();
