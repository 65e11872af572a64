/** Files that may hold secrets, by their last name, lower case; "*" stands for anything. */
export const SECRET_FILES = [
  // Variables of programs
  ".env*",
  "*.env",
  "*.env.local",
  "*.env.prod*",
  "*.env.dev*",
  "*.env.bak",
  // Keys
  "id_rsa*",
  "id_dsa*",
  "id_ecdsa*",
  "id_ed25519*",
  "*.pem",
  "*.key",
  "*.p12",
  "*.pfx",
  "*.jks",
  "*.keystore",
  "*.ppk",
  "*.kdbx",
  "*.p8",
  "*.ovpn",
  "secring.gpg",
  // Passwords and tokens of tools
  ".netrc",
  "_netrc",
  ".git-credentials",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".pgpass",
  ".my.cnf",
  ".htpasswd",
  ".dockercfg",
  ".s3cfg",
  ".boto",
  ".vault-token",
  ".terraformrc",
  "*.tfvars",
  "*.tfstate",
  "kubeconfig",
  "auth.json",
  "rclone.conf",
  "vault.yml",
  "vault.yaml",
  "appsettings.*.json",
  "credentials",
  "credentials.json",
  "credentials.toml",
  "credentials.tfrc.json",
  "*firebase-adminsdk*.json",
  "service-account*.json",
  "secrets.json",
  "secrets.toml",
  "secrets.yml",
  "secrets.yaml",
];

/** Folders with secrets in them, lower case. */
export const SECRET_FOLDERS = [".ssh", ".gnupg", ".aws", ".azure", ".kube", ".password-store", ".pki"];

/** Files whose folder tells that they hold secrets, lower case. */
export const SECRET_PATHS = [
  ".docker/config.json",
  ".git/config",
  ".config/gh/hosts.yml",
  ".config/gcloud/*",
  ".gem/credentials",
  ".gradle/gradle.properties",
  ".m2/settings.xml",
];

/** All of the above as globs that fit at any depth, for git's and rg's own matching. */
export const SECRET_GLOBS = [
  ...SECRET_FILES.map((name) => `**/${name}`),
  ...SECRET_FOLDERS.map((name) => `**/${name}/**`),
  ...SECRET_PATHS.map((path) => `**/${path}`),
];

const FILE = toPattern(SECRET_FILES);
const PATH = toPattern(SECRET_PATHS);

/** Whether a path's folded names say that it may hold secrets. */
export function isSecretName(names: string[]): boolean {
  const last = names.at(-1) ?? "";
  if (FILE.test(last) && !last.endsWith(".pub")) return true;
  if (names.some((name) => SECRET_FOLDERS.includes(name))) return true;
  return [2, 3].some((count) => names.length >= count && PATH.test(names.slice(-count).join("/")));
}

function toPattern(globs: string[]): RegExp {
  const one = (glob: string) => glob.replace(/[.+]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^(${globs.map(one).join("|")})$`);
}
