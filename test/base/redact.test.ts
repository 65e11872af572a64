import { expect, test } from "vitest";
import { createRedactor, secretsOfEnvironment } from "../../src/base/redact.ts";

const LONG = "a1B2c3D4e5F6g7H8i9J0k1L2m3";

test.each([
  ["a bearer token", `Authorization: Bearer ${LONG}`],
  ["a key of OpenAI", `sk-${LONG}`],
  ["a key of Anthropic", `sk-ant-api03-${LONG}`],
  ["a key of Google", `AIza${LONG}`],
  ["a token of GitHub", `ghp_${LONG}`],
  ["a token of Slack", `xoxb-${LONG}`],
])("%s leaves no line by its look, known or not", (_, secret) => {
  const { text, value } = createRedactor();
  expect(text(`failed: ${secret} was refused`)).toMatch(/^failed: .*\[redacted\] was refused$/);
  expect(JSON.stringify(value({ rows: [{ note: `with ${secret}` }] }))).not.toContain(LONG);
});

test("what is known is taken out wherever it stands, and what stands under a secret's name whatever it is", () => {
  const redactor = createRedactor();
  redactor.add("correct horse");
  redactor.add("short");
  expect(redactor.text("a correct horse, a short one")).toBe("a [redacted], a short one");
  expect(redactor.value({ apiKey: "x", Password: "y", token: null, deep: [{ authorization: 5, kept: "z" }] })).toEqual({
    apiKey: "[redacted]",
    Password: "[redacted]",
    token: null,
    deep: [{ authorization: "[redacted]", kept: "z" }],
  });
});

test("what stands under a secret's name is none where it only counts, or names a session", () => {
  const fields = { accessToken: "a", set_cookie: "b", db_passwd: "c", inputTokens: 5, sessionKey: "main", key: "k" };
  const [accessToken, set_cookie, db_passwd] = Array.from({ length: 3 }, () => "[redacted]");
  expect(createRedactor().value(fields)).toEqual({ ...fields, accessToken, set_cookie, db_passwd });
});

test("what the environment has under a secret's name is one, however that is written; a place and a word of every day are none", () => {
  const secrets = {
    my_api_key: "k-12345678",
    DB_PASSWD: "hunter2hunter2",
    SMTP_PASS: "abc def ghi",
    Token: "/8fk2+abc/defg",
  };
  const others = {
    ...{
      GOOGLE_APPLICATION_CREDENTIALS: "/home/me/key.json",
      SSH_KEY: "C:\\Users\\me\\key",
      REDIS_PASSWORD: "password",
    },
    ...{ NPM_AUTH: "Required", AUTH_METHOD: "basic-auth", GIT_CONFIG_KEY_0: "core.hooksPath", KEYBOARD: "de-latin1" },
    ...{ GIT_AUTHOR_NAME: "Ada Lovelace", PWD: "/home/me/work", EMPTY_TOKEN: "", NO_KEY: undefined },
  };
  expect(secretsOfEnvironment({ ...others, ...secrets })).toEqual(Object.values(secrets));
});

test("what is known is found in bytes, as text of one or two bytes a letter, and what only looks so is not", async () => {
  const redactor = createRedactor();
  redactor.add("hush-hush-1234");
  redactor.add("another-secret");
  for (const data of [
    Buffer.from("\0\xff hush-hush-1234", "latin1"),
    Buffer.from("\ufeffkey=another-secret", "utf16le"),
    Buffer.concat([Buffer.from("x"), Buffer.from("another-secret", "utf16le")]),
  ])
    expect(await redactor.isIn(data)).toBe(true);
  for (const text of ["", "hush-hush-123", "Bearer abcdefghijklmnop"])
    expect(await redactor.isIn(Buffer.from(text))).toBe(false);
});
