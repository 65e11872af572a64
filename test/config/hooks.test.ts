import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { mergeWorkspace } from "../../src/config/mergeWorkspace.ts";
import { createRedactor } from "../../src/base/redact.ts";

const TOKEN = "0123456789abcdefghijklmnopqrstuv";

function problemsOf(webhooks: string, more = "", env: Record<string, string> = {}): string[] {
  const { problems } = loadConfig(`webhooks:\n  ${webhooks}\n${more}`, "o.yml", { env });
  return problems.map(({ severity, key, message }) => `${severity} ${key}: ${message}`);
}

test("webhooks are read with their defaults", () => {
  const { config, problems } = loadConfig(
    `webhooks:
  ci: { token: "\${CI}", sessionTarget: isolated, message: "Build {{payload.run.id}} failed: {{payload.log}}" }
  gh: { hmac: { secret: "0123456789abcdef0", header: "x-hub-signature-256" }, jobId: nightly }
  agent: { token: "${TOKEN}x" }
  wake: { token: "${TOKEN}x" }
`,
    "o.yml",
    { env: { CI: TOKEN } },
  );
  expect(problems).toEqual([]);
  expect(config!.webhooks).toMatchObject({
    ci: { token: TOKEN, maxChars: 4000, requestsPerMinute: 60 },
    gh: { hmac: { toleranceSeconds: 300, sameBody: "repeat" }, jobId: "nightly" },
  });
  const shown = JSON.stringify(createRedactor().value(config));
  expect(shown).not.toContain(TOKEN);
  expect(shown).not.toContain("0123456789abcdef0");
});

test.each([
  [`ci: { message: x }`, /error webhooks.ci: A webhook has either a token or an hmac/],
  [`ci: { token: "${TOKEN}", hmac: { secret: "0123456789abcdef0" }, message: x }`, /either a token or an hmac/],
  [`ci: { token: "${TOKEN}" }`, /error webhooks.ci: A webhook does one thing: jobId, message or event is needed/],
  [`ci: { token: "${TOKEN}", message: x, jobId: y }`, /not several/],
  [
    `ci: { token: "${TOKEN}", jobId: y, model: a/b }`,
    /error webhooks.ci.model: A webhook that fires a job takes model/,
  ],
  [`agent: { token: "${TOKEN}", message: x }`, /error webhooks.agent.message: "agent" takes its text from the body/],
  [`ci: { token: "${TOKEN}", message: x, sessionKeys: true }`, /Only the webhook "agent"/],
  [`ci: { token: changeme, message: x }`, /error webhooks.ci.token: This token is a placeholder/],
  [
    `ci: { hmac: { secret: "your-secret" }, message: x }`,
    /error webhooks.ci.hmac.secret: This secret is a placeholder/,
  ],
  [`ci: { token: "", message: x }`, /error webhooks.ci.token: The token is blank/],
  [`ci: { token: "short-one", message: x }`, /warning webhooks.ci.token: The token has 9 characters/],
  [`ci: { token: "${TOKEN}", message: "{{payload.__proto__.x}}" }`, /error webhooks.ci.message: .*is no path/],
  [`ci: { token: "${TOKEN}", message: "{{payload.a()}} {{env.HOME}}" }`, /\{\{env\.HOME\}\} is no path|is no path/],
  [`ci: { token: "${TOKEN}", event: "{{constructor}}" }`, /error webhooks.ci.event: \{\{constructor\}\} is no path/],
  [`ci: { token: "${TOKEN}", message: "{{}}" }`, /is no path/],
  [`"a b": { token: "${TOKEN}", message: x }`, /cannot be part of an address/],
  [`ci: { token: "${TOKEN}", mesage: x }`, /Unknown key "mesage"; did you mean "message"/],
  [`ci: { token: "${TOKEN}", message: x, grants: [{ allow: exec }] }`, /error webhooks.ci.grants/],
])("%s", (webhooks, said) => {
  expect(problemsOf(webhooks).join("\n")).toMatch(said);
});

test("a token opens one door", () => {
  const taken = /Another token has this same value; a webhook's opens nothing else/;
  const ci = `ci: { token: "${TOKEN}", message: x }`;
  expect(problemsOf(ci, `gateway: { token: "${TOKEN}" }`).join()).toMatch(taken);
  expect(problemsOf(ci, `gateway: { tokens: { a: { token: "${TOKEN}", scope: read } } }`).join()).toMatch(taken);
  expect(problemsOf(`${ci}\n  cd: { token: "${TOKEN}", message: x }`).join()).toMatch(taken);
  expect(problemsOf(`${ci}\n  wake: { token: "${TOKEN}" }`).join()).toMatch(taken);
});

test("a workspace's file opens none, and says so", () => {
  const user = loadConfig(`webhooks: { ci: { token: "${TOKEN}", message: x } }`, "user.yml", { env: {} }).config!;
  const own = loadConfig(`webhooks: { ci: { token: "${TOKEN}-theirs", message: theirs } }`, "own.yml", {
    env: undefined,
  });
  expect(own.problems.map(({ severity, key, message }) => `${severity} ${key}: ${message}`)).toContain(
    "warning webhooks: A workspace's file opens no door: its webhooks are not served. Put them into your own openclaw.yml",
  );
  const { config, needsConfirmation } = mergeWorkspace(user, own.given!, own.config!, {
    file: "w.yml",
    confirmed: new Set(),
  });
  expect(config.webhooks).toEqual(user.webhooks);
  expect(needsConfirmation).toBeUndefined();
});
