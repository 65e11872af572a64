import { expect, test } from "vitest";
import { protectedChange, protectedReason } from "../../src/rules/protectedPath.ts";

const uses = (path: string): string =>
  (["read", "write"] as const).filter((use) => protectedReason(path, use)).join(" and ");

test.each([
  ["src/a.ts", ""],
  ["README.md", ""],
  ["environment.ts", ""],
  ["src/env.ts", ""],
  [".gitignore", ""],
  [".github/dependabot.yml", ""],
  ["docs/workflows/a.yml", ""],
  ["package.json", ""],
  ["id_rsa.pub", ""],
  ["keys.ts", ""],
  ["src/env.d.ts", ""],
  ["vite-env.d.ts", ""],
  [".github/workflows/a.yml", "write"],
  ["CLAUDE.md", "write"],
  ["docs/claude.md", "write"],
  ["git/config", ""],
  ["vscode/settings.json", ""],
  [".pincer/memory.md", ""],
  [".pincer/memory/release.md", ""],
  [".vscode/settings.json", "write"],
  ["sub/.vscode/tasks.json", "write"],
  [".VSCode/settings.json", "write"],
  [".vscode", "write"],
  [".git/config", "read and write"],
  [".git/hooks/pre-commit", "write"],
  [".GIT/config", "read and write"],
  [".g\u200cit/config", "read and write"],
  ["\uff0egit/config", "read and write"],
  [".git", "write"],
  ["sub/.git", "write"],
  [".git./config", "read and write"],
  [".git /config", "read and write"],
  [".git::$INDEX_ALLOCATION/config", "read and write"],
  ["my.code-workspace", "write"],
  ["My.Code-Workspace", "write"],
  ["openclaw.yml", "write"],
  ["openclaw.yaml", "write"],
  ["OpenClaw.YML", "write"],
  ["sub/openclaw.yml", "write"],
  ["mcp.json", "write"],
  ["AGENTS.md", "write"],
  ["agents.MD", "write"],
  ["docs/AGENTS.md", "write"],
  [".bashrc", "write"],
  [".zshenv", "write"],
  [".profile", "write"],
  ["Microsoft.PowerShell_profile.ps1", "write"],
  ...[
    "AuthKey_1.p8 office.ovpn .composer/auth.json rclone.conf group_vars/vault.yml appsettings.Production.json credentials.tfrc.json my-firebase-adminsdk-x.json secring.gpg id_rsa certs/server.pem a.key .pgpass .npmrc .pypirc .docker/config.json prod.env api/prod.env.local",
    ".netrc~ #.env# local.env.old env.env.bak terraform.tfstate.backup service_account.json credentials.csv .bash_history .npmrc.swp ..npmrc.swo server.pem.bak.2 .docker/config.json.orig",
    "ID_ED25519 x.p12 .config/gh/hosts.yml .aws/credentials secrets.yaml main.tfvars .config/gcloud/x.json",
  ]
    .flatMap((names) => names.split(" "))
    .map((path): [string, string] => [path, "read and write"]),
  [".env", "read and write"],
  [".env.local", "read and write"],
  [".ENV.production", "read and write"],
  [".envrc", "read and write"],
  ["packages/api/.env", "read and write"],
  [".e\u00adnv", "read and write"],
  [".ssh/id_ed25519", "read and write"],
  // Whatever the name of what lies in a folder of keys and logins.
  ...[".ssh", ".gnupg", ".aws", ".azure", ".kube", ".password-store", ".pki"].map((name): [string, string] => [
    `home/${name}/plain`,
    "read and write",
  ]),
  [".pincer/gateway.json", "read and write"],
  ["C:\\work\\.env", "read and write"],
])("%s is protected for: %s", (path, expected) => {
  expect(uses(path)).toBe(expected);
});

test.each<[string, string | null, string | null, boolean]>([
  ["package.json", '{"scripts":{"a":"x"},"version":"1"}', '{"scripts":{"a":"x"},"version":"2"}', false],
  ["package.json", '{"scripts":{"a":"x"}}', '{"scripts":{"a":"x","postinstall":"y"}}', true],
  ["sub/package.json", "{}", '{"scripts":{"test":"y"}}', true],
  ["package.json", null, '{"scripts":{"test":"y"}}', true],
  ["package.json", null, '{"name":"x"}', false],
  ["package.json", "{}", "{ not JSON", true],
  ["package.json", "{ not JSON", "{}", true],
  ["package.json", "{}", null, false],
  ["other.json", "{}", '{"scripts":{"test":"y"}}', false],
])("a change of %s from %s to %s is protected: %s", (path, before, after, expected) => {
  expect(protectedChange(path, before, after) !== undefined).toBe(expected);
});
