/** Where some programs find what they run, although no word of the command says so. */
const UNNAMED: Record<string, string[]> = {
  npm: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  bun: ["package.json"],
  make: ["Makefile", "makefile", "GNUmakefile"],
  just: ["justfile"],
  rake: ["Rakefile"],
  task: ["Taskfile.yml"],
  tox: ["tox.ini"],
  nox: ["noxfile.py"],
};

/** The names of files, in the folder that it works in, in which a program looks for what to run. */
export function unnamedFiles(program: string): string[] {
  return Object.hasOwn(UNNAMED, program) ? UNNAMED[program]! : [];
}
