/** Where some programs find what they run, although no word of the command says so. */
const UNNAMED: Record<string, string[]> = {
  npm: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  bun: ["package.json"],
  deno: ["deno.json", "deno.jsonc", "package.json"],
  composer: ["composer.json"],
  make: ["Makefile", "makefile", "GNUmakefile"],
  gmake: ["Makefile", "makefile", "GNUmakefile"],
  just: ["justfile", "Justfile", ".justfile"],
  rake: ["Rakefile", "rakefile"],
  task: ["Taskfile.yml", "Taskfile.yaml"],
  tox: ["tox.ini"],
  nox: ["noxfile.py"],
  gradle: ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
  gradlew: ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
  mvn: ["pom.xml"],
  mvnw: ["pom.xml"],
  ant: ["build.xml"],
  cargo: ["build.rs"],
};

/** The names of files, in the folder that it works in, in which a program looks for what to run. */
export function unnamedFiles(program: string): string[] {
  const name = program.slice(program.lastIndexOf("/") + 1);
  return Object.hasOwn(UNNAMED, name) ? UNNAMED[name]! : [];
}
