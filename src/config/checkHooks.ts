import { checkHookSecret } from "../net/tokenStrength.ts";
import { type Hook, OPENCLAW_HOOKS } from "../protocol/hooks/hook.ts";
import type { Finding, Path } from "./configProblem.ts";
import type { Config } from "./configSchema.ts";

/** How the keys of each webhook fit together, and that no token opens two doors. */
export function checkHooks({ webhooks, gateway }: Config): Finding[] {
  const all = Object.entries(webhooks);
  const others = new Set([gateway.token, ...Object.values(gateway.tokens).map(({ token }) => token)]);
  return all.flatMap(([name, hook], index) => {
    const path = ["webhooks", name];
    const before = all.slice(0, index).filter(([other]) => !(isOpenclaw(name) && isOpenclaw(other)));
    const isTaken = others.has(hook.token) || before.some(([, { token }]) => token === hook.token);
    return [
      ...checkName(name, path),
      ...checkProof(hook, path),
      ...checkWork(name, hook, path),
      ...(hook.token !== undefined && isTaken
        ? [{ path: [...path, "token"], message: "Another token has this same value; a webhook's opens nothing else" }]
        : []),
    ];
  });
}

function isOpenclaw(name: string): boolean {
  return OPENCLAW_HOOKS.includes(name);
}

function checkName(name: string, path: Path): Finding[] {
  if (/^[a-z0-9][\w-]{0,63}$/i.test(name)) return [];
  return [{ path, message: `"${name}" cannot be part of an address; use letters, digits, _ and -` }];
}

function checkProof({ token, hmac }: Hook, path: Path): Finding[] {
  if ((token === undefined) === (hmac === undefined))
    return [{ path, message: "A webhook has either a token or an hmac, by which its sender proves itself" }];
  const fault = token === undefined ? checkHookSecret(hmac!.secret, "secret") : checkHookSecret(token, "token");
  const where = token === undefined ? ["hmac", "secret"] : ["token"];
  return fault ? [{ path: [...path, ...where], ...fault }] : [];
}

const OF_RUNS = [
  ...(["sessionTarget", "model", "workspace", "timeoutSeconds", "budgetUsd", "budgetTokens", "grants"] as const),
];

/** What it does: one thing. */
function checkWork(name: string, hook: Hook, path: Path): Finding[] {
  const given = (["jobId", "message", "event"] as const).filter((key) => hook[key] !== undefined);
  if (isOpenclaw(name)) {
    const message = `"${name}" takes its text from the body; give a webhook of your own another name`;
    return given.map((key) => ({ path: [...path, key], message }));
  }
  if (given.length !== 1)
    return [
      {
        path,
        message: `A webhook does one thing: jobId, message or event${given.length > 1 ? ", not several" : " is needed"}`,
      },
    ];
  const isJob = hook.jobId !== undefined;
  const inVain = isJob ? OF_RUNS.filter((key) => hook[key] !== undefined) : [];
  return [
    ...inVain.map((key) => ({ path: [...path, key], message: `A webhook that fires a job takes ${key} from the job` })),
    ...(hook.sessionKeys === undefined
      ? []
      : [{ path: [...path, "sessionKeys"], message: 'Only the webhook "agent" is told a session by its sender' }]),
  ];
}
