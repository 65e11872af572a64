import { realpathSync } from "node:fs";
import { devNull, tmpdir } from "node:os";

/**
 * What somebody has set for the programs of their own, and no test goes by: keys and addresses of models, where a gateway of theirs is,
 * a proxy, the repository that a hook of git runs in, the editor that the terminal belongs to, and words in a language that this
 * machine may not have.
 */
const OTHERS = [
  /_(API_KEY|AUTH_TOKEN|BOT_TOKEN|BASE_URL)$/i,
  /^(PINCER|OPENCLAW)_\w*(HOME|URL|TOKEN|CONFIG)$/i,
  /^(https?|all|no)_proxy$|^NODE_USE_ENV_PROXY$/i,
  /^GIT_(?!SSL_)/i,
  /^(VSCODE|ELECTRON)_/i,
  /^(LC_\w+|LANGUAGE)$/,
];

/** Takes those out of an environment, with what git is set to. Its folder for temporary files is named as it is on the disk: on a Mac it is a link. */
export function leaveOthersOut(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (OTHERS.some((pattern) => pattern.test(name))) delete env[name];
  Object.assign(env, { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" });
  if (process.platform !== "win32") env["TMPDIR"] = realpathSync(tmpdir());
}
