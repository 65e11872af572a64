/** The paths among the words of a search: those after the pattern, all of them when "-e" gave it. Undefined for an unknown option. */
export function searchPaths(args: string[], flag: RegExp, valued: RegExp, long: RegExp): string[] | undefined {
  const positional: string[] = [];
  let hasPattern = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === "--") {
      positional.push(...args.slice(at + 1));
      break;
    }
    if (valued.test(arg)) {
      hasPattern ||= arg === "-e";
      at += 1;
    } else if (!arg.startsWith("-") || arg === "-") positional.push(arg);
    else if (!flag.test(arg) && !long.test(arg) && !/^-[ABCm]\d+$/.test(arg)) return undefined;
  }
  return (hasPattern ? positional : positional.slice(1)).filter((path) => path !== "-");
}
