import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as fc from "../property.ts";
import { expect, test } from "vitest";
import type { ShellCommand, ShellWord } from "../../src/shell/shellCommand.ts";
import { parseShellLine } from "../../src/shell/shellLine.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { posixTest } from "../posix.ts";

// Words that expand are in <angles>; "via" says what starts a command; "?" is a line that is not understood.
const word = (one: ShellWord): string => (one.literal ? one.text : `<${one.text}>`);

function draw(command: ShellCommand): string {
  return [
    ...command.assignments.map(word),
    ...command.words.map(word),
    ...command.redirects.map((one) => `${one.operator}${word(one.target)}`),
    ...(command.wrappers.length > 0 ? [`via ${command.wrappers.join(", ")}`] : []),
  ].join(" ");
}

function read(line: string): string {
  const parsed = parseShellLine(line);
  return parsed.understood ? parsed.commands.map(draw).join(" | ") : "?";
}

test.each([
  // Words and quotes
  ["ls", "ls"],
  ["  ls   -la\tsrc  ", "ls -la src"],
  ["echo 'a b'  \"c d\"", "echo a b c d"],
  ["echo a'b'\"c\"d", "echo abcd"],
  ["echo 'it'\\''s'", "echo it's"],
  ['echo "a\\"b\\\\c\\d"', 'echo a"b\\c\\d'],
  ["echo a\\ b", "echo a b"],
  ["ec\\ho x", "echo x"],
  ["e'c'ho x", "echo x"],
  ["ls \\\n-la", "ls -la"],
  ["l\\\ns", "ls"],
  ["echo ''", "echo "],
  ["echo '$(rm -rf /)'", "echo $(rm -rf /)"],
  ["echo '`rm`'", "echo `rm`"],
  ["echo \\$(rm)", "?"],
  ["echo \\$HOME", "echo $HOME"],
  ["echo '; rm -rf /'", "echo ; rm -rf /"],
  ['echo "a | b && c"', "echo a | b && c"],
  ["echo 'unclosed", "?"],
  ['echo "unclosed', "?"],
  ["echo trailing\\", "?"],
  ["echo $", "echo $"],
  ["echo a$ b", "echo a$ b"],
  // Separators
  ["a;b", "a | b"],
  ["a && b || c", "a | b | c"],
  ["a | b |& c", "?"],
  ["a & b", "a | b"],
  ["a &", "a"],
  ["a\nb", "a | b"],
  ["a\n\n\nb\n", "a | b"],
  ["a;\nb", "a | b"],
  ["a&&b", "a | b"],
  ["a;;b", "?"],
  ["! a", "a"],
  ["! ! a", "a"],
  // Comments
  ["ls # ; rm -rf /", "ls"],
  ["ls #comment\nrm x", "ls | rm x"],
  ["echo a#b", "echo a#b"],
  ["echo '#' x", "echo # x"],
  ["# only a comment", "?"],
  ["", "?"],
  ["   \n ", "?"],
  // Expansions
  ["echo $HOME", "echo <$HOME>"],
  ["echo ${HOME}", "echo <${HOME}>"],
  ["echo ${X:-y}", "echo <${X:-y}>"],
  ["echo ${X:-$(rm x)}", "?"],
  ["echo ${X:-`rm x`}", "?"],
  ['echo "${X}"', "echo <${X}>"],
  ["echo $1 $@ $? $$", "echo <$1> <$@> <$?> <$$>"],
  ["echo *", "echo <*>"],
  ["echo 'a'*", "echo <a*>"],
  ["echo '*'", "echo *"],
  ["echo \\*", "echo *"],
  ["echo a?b [ab]", "echo <a?b> <[ab]>"],
  ["echo ~ ~root a~b", "echo <~> <~root> a~b"],
  ["echo {a,b}", "?"],
  ["echo {1..3}", "?"],
  ["echo {}", "echo {}"],
  ["echo {},{} \\{\\} \\{}", "echo {},{} {} {}"],
  ["git show stash@{0} @{u}.. HEAD@{1}", "git show stash@{0} @{u}.. HEAD@{1}"],
  ["docker ps --format {{.Names}}", "docker ps --format {{.Names}}"],
  ["kubectl get pods -o jsonpath={.items[0].a}", "kubectl get pods -o <jsonpath={.items[0].a}>"],
  ["echo {{a},b}", "?"],
  ["fd push -x git {/}", "?"],
  ["echo {$(x),b}", "?"],
  ["echo {1.\\\n.3}", "?"],
  ["echo {a','b}", "?"],
  ["echo {a", "?"],
  ["echo a}", "?"],
  ["echo }{", "?"],
  ["{echo} x", "?"],
  ["git {x}>/dev/null push", "?"],
  ["[ -d a ] && rm x", "[ -d a ] | rm x"],
  ["echo [ a", "echo [ a"],
  ["[ -v 'a[$(rm x)]' ]", "?"],
  ["echo $'\\x72m'", "?"],
  ['echo $"x"', "?"],
  ["echo $((1+1))", "?"],
  ["echo $[1+1]", "?"],
  ["$CMD x", "?"],
  ['"$CMD" x', "?"],
  ["l* x", "?"],
  ["$(echo rm) x", "?"],
  ["`echo rm` x", "?"],
  // Substitutions
  ["echo $(rm -rf x)", "rm -rf x | echo <>"],
  ['echo "$(rm x)"', "rm x | echo <>"],
  ['echo "a $(echo "b $(rm x)") c"', "rm x | echo <b > | echo <a  c>"],
  ["echo `rm x`", "rm x | echo <>"],
  ['echo "`rm x`"', "rm x | echo <>"],
  ["echo `echo \\`rm x\\``", "rm x | echo <> | echo <>"],
  ["echo $(echo ')' ; rm x)", "echo ) | rm x | echo <>"],
  ["echo $(rm x", "?"],
  ["echo `rm x", "?"],
  ["cat <(rm x)", "rm x | cat <>"],
  ["tee >(rm x)", "rm x | tee <>"],
  ["echo $(<file)", "<file | echo <>"],
  ["A=$(rm x) ls", "rm x | <A=> ls"],
  ["echo $(", "?"],
  // Grouping
  ["(rm x)", "rm x"],
  ["(a; b) > out", "a | b | >out"],
  ["((1+1))", "?"],
  ["a )", "?"],
  ["( a", "?"],
  ["{ rm x; }", "?"],
  ["if true; then rm x; fi", "?"],
  ["for f in *; do rm $f; done", "?"],
  ["while :; do :; done", "?"],
  ["case x in x) rm;; esac", "?"],
  ["f() { rm x; }", "?"],
  ["f () { rm x; }", "?"],
  ["function f { rm x; }", "?"],
  ["[[ -f x ]]", "?"],
  ["arr=(a b)", "?"],
  ["echo @(a|b)", "?"],
  ["echo if then", "echo if then"],
  // Redirects
  ["echo x > out", "echo x >out"],
  ["echo x>out", "echo x >out"],
  ["echo x >> out", "echo x >>out"],
  ["echo x >| out", "echo x >|out"],
  ["echo x 2> err", "echo x >err"],
  ["echo x 2>&1", "echo x >&1"],
  ["echo x &> all", "?"],
  ["echo x &>> all", "?"],
  ["> out", ">out"],
  ["> out echo x", "echo x >out"],
  ["cat < in", "cat <in"],
  ["cat <> both", "cat <>both"],
  ["echo x > $OUT", "echo x ><$OUT>"],
  ["echo x > ~/.ssh/authorized_keys", "echo x ><~/.ssh/authorized_keys>"],
  ["echo x > 'a b'", "echo x >a b"],
  ["echo x >", "?"],
  ["echo x > ; ls", "?"],
  ["git show > ~/.ssh/x", "git show ><~/.ssh/x>"],
  // Heredocs
  ["cat <<EOF\nrm -rf /\nEOF\nls", "cat <<EOF | ls"],
  ["cat <<'EOF'\n$(rm x)\nEOF", "cat <<EOF"],
  ["cat <<EOF\n$(rm x)\nEOF", "?"],
  ["cat <<EOF\n`rm x`\nEOF", "?"],
  ["cat <<-EOF\n\tx\n\tEOF\nrm y", "cat <<-EOF | rm y"],
  ["cat <<EOF\nx\n EOF\nrm y\nEOF\nls", "cat <<EOF | ls"],
  ["cat <<EOF | sh\nrm x\nEOF", "cat <<EOF | sh"],
  ["cat <<EOF", "?"],
  ["cat <<EOF\nx", "?"],
  ["cat <<A <<B\n1\nA\n2\nB\nrm x", "cat <<A <<B | rm x"],
  ["cat <<< 'x'", "?"],
  // Assignments
  ["A=1", "A=1"],
  ["A=1 B='2 3' ls", "A=1 B=2 3 ls"],
  ["PATH=. ls", "PATH=. ls"],
  ["ls A=1", "ls A=1"],
  ["'A'=1 ls", "A=1 ls"],
  ["a[0]=1", "?"],
  ["a+=1 b", "?"],
  ["a >& b", "?"],
  ["a &\\\n> b", "?"],
  // Wrappers
  ["sudo rm x", "rm x via sudo"],
  ["sudo -u root rm x", "rm x via sudo"],
  ["/usr/bin/sudo rm x", "rm x via /usr/bin/sudo"],
  ["nohup time nice -n 5 rm x", "rm x via nohup, time, nice"],
  ["timeout -k 1 5 rm x", "rm x via timeout"],
  ["busybox rm x", "rm x via busybox"],
  ["env rm x", "rm x via env"],
  ["env A=1 LD_PRELOAD=x rm y", "A=1 LD_PRELOAD=x rm y via env"],
  ["env -i rm x", "rm x via env"],
  ["env -S 'rm x'", "?"],
  ["env -S'rm x'", "?"],
  ["env -iS 'rm x'", "?"],
  ["env --split-string='rm x'", "?"],
  ["env -u PATH rm", "?"],
  ["env -C / ls", "?"],
  ["env", "env"],
  ["xargs rm", "rm via xargs"],
  ["xargs -0 -n 1 -I {} rm {}", "rm {} via xargs"],
  ["ls | xargs sh -c 'rm x'", "ls | rm x via xargs, sh"],
  ["sh -c 'rm x; ls'", "rm x via sh | ls via sh"],
  ['bash -lc "rm x"', "rm x via bash"],
  ['sh -c "rm $X"', "?"],
  ["sh -c 'echo $(rm x)'", "rm x via sh | echo <> via sh"],
  ["sh script.sh", "sh script.sh"],
  ["powershell -c 'rm x'", "powershell -c rm x"],
  ["eval 'rm x'", "rm x via eval"],
  ["eval rm x", "rm x via eval"],
  ["eval $X", "?"],
  ["exec rm x", "rm x via exec"],
  ["command rm x", "rm x via command"],
  ["builtin echo x", "echo x via builtin"],
  [". ./script", "?"],
  ["source script", "?"],
  ["source .venv/bin/activate && a", "source .venv/bin/activate via source | a"],
  [". ~/x/bin/activate base", ". <~/x/bin/activate> base via ."],
  ["source $X/bin/activate", "?"],
  ["source $(x)/bin/activate", "?"],
  ["trap 'rm x' EXIT", "?"],
  ["alias ls=rm", "?"],
  ["find . -name x -exec rm {} \\;", "find . -name x -exec rm {} ; | rm {} via find -exec"],
  ["find . -execdir sh -c 'rm x' ';'", "find . -execdir sh -c rm x ; | rm x via find -execdir, sh"],
  ["sudo $X", "?"],
  ["sudo", "sudo"],
  // Tricks
  ["a\0b", "?"],
  [`${"sudo ".repeat(100)}rm x`, `rm x via ${Array(100).fill("sudo").join(", ")}`],
  [`${"(".repeat(50)}rm${")".repeat(50)}`, "?"],
  [`echo ${"$(".repeat(50)}rm x${")".repeat(50)}`, "?"],
  [`ls${" ".repeat(500)}; rm x`, "ls | rm x"],
  [`ls ${"x".repeat(30_000)}`, "?"],
])("%j", (line, expected) => {
  expect(read(line)).toBe(expected);
});

const pieces = fc.constantFrom(
  ..."rm ls x -c sh env sudo find -exec ; & && | || ( ) { } $( ` ' \" \\ \n # << <<- EOF > >> < <( >( $ ${ $(( A=1 * ~ ! if then # 2>&1 eval -S xargs \t".split(
    " ",
  ),
  " ",
  " ",
  " ",
);

test("whatever the text, it answers and does not throw", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(pieces, { maxLength: 25 }).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(text, (line) => {
      expect(typeof parseShellLine(line).understood).toBe("boolean");
    }),
    { numRuns: 5000 },
  );
});

test("a command is never lost among others", () => {
  const harmless = fc.constantFrom(
    "ls",
    "echo 'a b'",
    "cat x # note\n",
    "A=1 true",
    "sudo ls",
    "echo $(ls)",
    "cat <<E\nb\nE\n",
    "(ls)",
    'echo "$(ls)"',
  );
  const glue = fc.constantFrom("; ", " && ", " || ", " | ", " & ", "\n");
  const hidden = fc.constantFrom(
    "DANGER x",
    "(DANGER)",
    "echo $(DANGER)",
    "echo `DANGER`",
    "sh -c 'DANGER'",
    "sudo env DANGER",
    "cat <(DANGER)",
    "DA''NGER",
    "D\\ANGER",
    "eval DANGER",
    "xargs DANGER",
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(harmless, glue), { maxLength: 4 }),
      hidden,
      fc.array(fc.tuple(glue, harmless), { maxLength: 4 }),
      (before, danger, after) => {
        const line = [...before.flat(), danger, ...after.flat()]
          .join("")
          .replaceAll(/\n( && | \|\| | \| | & |; )/g, "\n");
        const parsed = parseShellLine(line);
        if (parsed.understood)
          expect(parsed.commands.some((command) => command.words[0]?.text === "DANGER")).toBe(true);
      },
    ),
    { numRuns: 3000 },
  );
});

posixTest("what a real shell starts was told before", () => {
  const piece = fc.constantFrom(
    ..."DANGER ok ; & && | || ( ) $( ` ' \" \\ \n # <<E E\n > < <( $X ${X} {a,b} {a} {1..2} [ A=1 ~ ! 2>&1 eval ok command -c $ x".split(
      " ",
    ),
    ..." DANGER ,DANGER\n,;DANGER,$(DANGER),`DANGER`,'DANGER',\"DANGER\",\nDANGER,#DANGER,\\\n, , , ,\n".split(","),
  );
  const line = fc.array(piece, { minLength: 1, maxLength: 10 }).map((list) => list.join("").replaceAll("\\n", "\n"));
  const folder = tempFolder({ "work/x": "" });
  let round = 0;
  let started = 0;
  fc.assert(
    fc.property(line, fc.constantFrom("/bin/sh", "/bin/bash"), (line, shell) => {
      const parsed = parseShellLine(line);
      if (!parsed.understood || !line.includes("DANGER")) return;
      // Its own file each time: what runs in the background may come late.
      const ran = join(folder, `ran${(round += 1)}`);
      // A function, and not a program on the PATH, so that the shell needs nothing but itself.
      const prelude = `PATH=/nowhere; ok() { :; }; DANGER() { : > ../ran${round}; }\n`;
      spawnSync(shell, ["-c", prelude + line], { cwd: join(folder, "work"), stdio: "ignore", timeout: 5000 });
      if (!existsSync(ran)) return;
      started += 1;
      expect(parsed.commands.some((command) => command.words[0]?.text === "DANGER")).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect(started).toBeGreaterThan(20);
});
