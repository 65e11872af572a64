/** Whether a program in awk only reads and prints. False also where that cannot be told apart, as with a comparison behind a print. */
export function isPlainAwk(program: string): boolean {
  if (/system|getline|@/.test(program) || program.replaceAll("||", "").includes("|")) return false;
  const print = program.indexOf("print");
  return print < 0 || !program.slice(print).includes(">");
}
