import { expect, test } from "vitest";
import {
  isKeyName,
  isSecretField,
  isSecretName,
  isSecretPlace,
  isSecretVariable,
} from "../../../src/base/text/secretField.ts";

/** By which of the questions a name is one, in the order of the imports above but the last. */
test.each<[name: string, found: string]>([
  ["API_KEY", "option field shown variable"],
  ["my_api_key", "option field shown variable"],
  ["apiKey", "option field shown variable"],
  ["x-goog-api-key", "option field shown variable"],
  ["DB_PASSWD", "option field shown variable"],
  ["Password", "option field shown variable"],
  ["SSH_KEY_PASSPHRASE", "option field shown variable"],
  ["GITHUB_TOKEN", "option field shown variable"],
  ["accessToken", "option field shown variable"],
  ["clientSecret", "option field shown variable"],
  ["Authorization", "field shown variable"],
  ["set-cookie", "field shown variable"],
  ["SMTP_PASS", "field shown variable"],
  ["DB_PWD", "field shown variable"],
  ["NPM_CONFIG__AUTH", "field shown variable"],
  // Of ours many a key is a name, and what is kept for a site has a list.
  ["sessionKey", "option shown variable"],
  ["credentials", "shown variable"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "shown variable"],
  // What they hold is a word or a name that may stand anywhere.
  ["AUTH_METHOD", "shown"],
  ["COOKIE_DOMAIN", "shown"],
  ["GIT_CONFIG_KEY_0", "option shown"],
  ["KEY_VAULT_NAME", "option shown"],
  // A place, a measure, or another word.
  ["SSH_AUTH_SOCK", ""],
  ["TOKEN_FILE", ""],
  ["SECRET_PATH", ""],
  ["NEXTAUTH_URL", ""],
  ["TOKENIZERS_PARALLELISM", ""],
  ["MAX_THINKING_TOKENS", ""],
  ["max_token", ""],
  ["API_KEY_ENV", ""],
  ["KEYBOARD", ""],
  ["KEYCLOAK_REALM", ""],
  ["GIT_AUTHOR_NAME", ""],
  ["AUTHOR", ""],
  ["XAUTHORITY", ""],
  ["PWD", ""],
  ["OLDPWD", ""],
  ["SSH_ASKPASS", ""],
  ["COMPASS", ""],
  ["PATH", ""],
])("%s", (name, found) => {
  const asked = { option: isKeyName, field: isSecretField, shown: isSecretName, variable: isSecretVariable };
  const yes = Object.entries(asked).filter(([, ask]) => ask(name));
  expect(yes.map(([what]) => what).join(" ")).toBe(found);
});

test("where a secret lies is told from one", () => {
  const places = ["/home/me/key", "~/.ssh/id", "./key.pem", "/data/key.pem", "C:\\Users\\me\\key.pem", "d:\\key"];
  expect(places.filter((value) => !isSecretPlace(value))).toEqual([]);
  expect(["/8fk2+abc/defg", "s3cret:\\1", "a1b2c3d4", "key.pem"].filter(isSecretPlace)).toEqual([]);
});
