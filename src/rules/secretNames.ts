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
  "credentials.csv",
  "credentials.toml",
  "credentials.tfrc.json",
  "*firebase-adminsdk*.json",
  "service-account*.json",
  "service_account*.json",
  // Commands that were typed, passwords among them
  ".*_history",
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
  ...SECRET_FILES.flatMap((name) => [`**/${name}`, `**/${name}~`, `**/${name}.bak`]),
  ...SECRET_FOLDERS.map((name) => `**/${name}/**`),
  ...SECRET_PATHS.map((path) => `**/${path}`),
];

const FILE = toPattern(SECRET_FILES);
const PATH = toPattern(SECRET_PATHS);

/** Whether a path's folded names say that it may hold secrets. */
export function isSecretName(names: string[]): boolean {
  const last = withoutBackup(names.at(-1) ?? "");
  if (FILE.test(last) && !last.endsWith(".pub")) return true;
  if (names.some((name) => SECRET_FOLDERS.includes(name))) return true;
  const path = [...names.slice(0, -1), last];
  return [2, 3].some((count) => names.length >= count && PATH.test(path.slice(-count).join("/")));
}

/** The name that a copy was made of: ".netrc" for ".netrc~", "#.netrc#", ".netrc.swp", ".netrc.bak.2". */
function withoutBackup(name: string): string {
  for (let last = name; ;) {
    const shorter = last
      .replace(/^#(.+)#$/, "$1")
      .replace(/^(?:\.)?(\..+)\.sw[a-p]$/, "$1")
      .replace(/(?<=.)(?:~|[._-](?:bak|backup|old|orig|original|save|saved|copy|tmp|\d{1,8}))$/, "");
    if (shorter === last) return last;
    last = shorter;
  }
}

function toPattern(globs: string[]): RegExp {
  const one = (glob: string) => glob.replace(/[.+]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^(${globs.map(one).join("|")})$`);
}
