import { defined } from "../base/defined.ts";
import { NotUnderstood, type ShellCommand, type ShellRedirect, type ShellWord } from "./shellCommand.ts";
import { readWord, WORD_ENDS, type WordSource } from "./shellWordReader.ts";

/** The commands of a shell text as they stand, substitutions included, wrappers not looked into. */
export function readShell(text: string): ShellCommand[] {
  if (text.includes("\0")) throw new NotUnderstood("it holds a NUL character");
  // Continued lines are joined before operators are told apart: "&", a line end and ">" may be one or two.
  if (/[&|<>;(]\\\n|\\\n[&|<>;(]/.test(text)) throw new NotUnderstood("an operator beside a continued line");
  const reader = new ShellReader(text);
  reader.readList("");
  return reader.commands;
}

// Words that begin a grammar of their own wherever a command may begin.
const KEYWORDS = new Set([
  ..."if then else elif fi for while until do done case esac select function coproc [[ ]] { }".split(" "),
]);

const REDIRECT = /^(\d*)(<<-|<<|<>|<&|>>|>&|>\||<|>)/;

// One shell redirects both outputs, pipes both or reads a word; another starts a command in the background.
const ODD_OPERATOR = /^(&>>?|\|&|\d*<<<)/;

interface Heredoc {
  delimiter: string;
  quoted: boolean;
  indented: boolean;
  redirect: ShellRedirect;
}

/** A command of a text within the line, whose words stand nowhere in that. */
export function withoutPlaces(command: ShellCommand): ShellCommand {
  const bare = ({ text, literal, expands }: ShellWord): ShellWord => ({ text, literal, ...defined({ expands }) });
  const redirects = command.redirects.map(({ descriptor, operator, target }) => ({
    descriptor,
    operator,
    target: bare(target),
  }));
  return { ...command, words: command.words.map(bare), assignments: command.assignments.map(bare), redirects };
}

class ShellReader implements WordSource {
  readonly text: string;
  readonly commands: ShellCommand[] = [];
  at = 0;
  #depth = 0;
  #heredocs: Heredoc[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** Commands up to the end of the text, or up to and including `close`. */
  readList(close: "" | ")"): void {
    this.#depth += 1;
    if (this.#depth > 30) throw new NotUnderstood("it is nested too deeply");
    for (;;) {
      this.#skipBlank();
      const char = this.text[this.at];
      if (char === undefined) break;
      if (char === ")" && close === ")") {
        this.at += 1;
        this.#depth -= 1;
        return;
      }
      if (char === "\n") this.#endLine();
      else if (";&|".includes(char)) this.#skipSeparator();
      else if (char === "(") this.#readSubshell();
      else if (char === ")") throw new NotUnderstood("a parenthesis closes nothing");
      else this.#readCommand();
    }
    if (close !== "") throw new NotUnderstood("a parenthesis is not closed");
    if (this.#heredocs.length > 0) throw new NotUnderstood("a heredoc has no body");
    this.#depth -= 1;
  }

  /** After `$(`, `<(`, `>(`. */
  readSubstitution(): void {
    this.readList(")");
  }

  /** The text between backticks, escapes taken away; read as a shell text of its own. */
  readNested(text: string): void {
    if (this.#depth > 20) throw new NotUnderstood("it is nested too deeply");
    const inner = new ShellReader(text);
    inner.#depth = this.#depth + 1;
    inner.readList("");
    this.commands.push(...inner.commands.map(withoutPlaces));
  }

  #skipSeparator(): void {
    this.#refuseOddOperator();
    const two = this.text.slice(this.at, this.at + 2);
    if (two === ";;" || two === ";&") throw new NotUnderstood(`"${two}" belongs to a case`);
    this.at += two === "&&" || two === "||" ? 2 : 1;
  }

  #readSubshell(): void {
    if (this.text.startsWith("((", this.at)) throw new NotUnderstood("arithmetic");
    this.at += 1;
    this.readList(")");
    const redirects = this.#readTrailingRedirects();
    const command = { words: [], assignments: [], redirects, wrappers: [] };
    if (redirects.length > 0) this.commands.push({ ...command, place: { start: this.at, end: this.at } });
  }

  #readTrailingRedirects(): ShellRedirect[] {
    const redirects: ShellRedirect[] = [];
    for (;;) {
      this.#skipBlank();
      const redirect = this.#readRedirect();
      if (!redirect) return redirects;
      redirects.push(redirect);
    }
  }

  #readCommand(): void {
    const place = { start: this.at, end: this.at };
    const command: ShellCommand = { words: [], assignments: [], redirects: [], wrappers: [], place };
    for (; ; place.end = this.at) {
      this.#skipBlank();
      const redirect = this.#readRedirect();
      if (redirect) {
        command.redirects.push(redirect);
        continue;
      }
      const char = this.text[this.at];
      if (char === undefined || "\n;&|)".includes(char)) break;
      if (char === "(") throw new NotUnderstood("a function, or a parenthesis in an odd place");
      const start = this.at;
      const word = readWord(this);
      const raw = this.#rawSince(start);
      if (command.words.length === 0) {
        // Some shells need no blank behind that brace.
        if (KEYWORDS.has(raw) || /^\{[^}]/.test(raw)) throw new NotUnderstood(`"${raw}" starts a compound command`);
        if (raw === "!" && command.assignments.length + command.redirects.length === 0) {
          place.start = this.at;
          continue;
        }
        if (/^[A-Za-z_]\w*(\[.*\]?\+?|\+)=/.test(raw)) throw new NotUnderstood("an array, or an assignment that adds");
        if (/^[A-Za-z_]\w*=/.test(raw)) {
          command.assignments.push(word);
          continue;
        }
      }
      command.words.push(word);
    }
    if (command.words.length + command.assignments.length + command.redirects.length > 0) this.commands.push(command);
  }

  #refuseOddOperator(): void {
    const odd = ODD_OPERATOR.exec(this.text.slice(this.at, this.at + 12))?.[0];
    if (odd) throw new NotUnderstood(`shells disagree about "${odd}"`);
  }

  #readRedirect(): ShellRedirect | undefined {
    this.#refuseOddOperator();
    const match = REDIRECT.exec(this.text.slice(this.at, this.at + 12));
    if (!match) return undefined;
    const operator = match[2]!;
    // "<(" and ">(" are words.
    if ((operator === "<" || operator === ">") && this.text[this.at + match[0].length] === "(" && match[1] === "")
      return undefined;
    this.at += match[0].length;
    this.#skipBlank();
    const start = this.at;
    const next = this.text[this.at];
    if (next === undefined || WORD_ENDS.has(next)) throw new NotUnderstood(`"${operator}" has no target`);
    const target = readWord(this);
    const redirect: ShellRedirect = { descriptor: match[1]!, operator, target };
    if (operator.endsWith("&") && !/^(\d+|-)$/.test(this.#rawSince(start)))
      throw new NotUnderstood(`shells disagree about "${operator}" before a file`);
    if (operator === "<<" || operator === "<<-") {
      const raw = this.#rawSince(start);
      if (!target.literal) throw new NotUnderstood("a heredoc with an odd delimiter");
      const quoted = /['"\\]/.test(raw);
      this.#heredocs.push({ delimiter: target.text, quoted, indented: operator === "<<-", redirect });
    }
    return redirect;
  }

  /** As written, but for continued lines: the shell takes those away before it looks for anything. */
  #rawSince(start: number): string {
    return this.text.slice(start, this.at).replaceAll("\\\n", "");
  }

  /** Blanks, comments and continued lines. A comment begins where a word could. */
  #skipBlank(): void {
    for (;;) {
      const char = this.text[this.at];
      if (char === " " || char === "\t") this.at += 1;
      else if (this.text.startsWith("\\\n", this.at)) this.at += 2;
      else if (char === "#") {
        const end = this.text.indexOf("\n", this.at);
        this.at = end < 0 ? this.text.length : end;
      } else return;
    }
  }

  #endLine(): void {
    this.at += 1;
    for (const heredoc of this.#heredocs.splice(0)) this.#readHeredoc(heredoc);
  }

  #readHeredoc({ delimiter, quoted, indented, redirect }: Heredoc): void {
    const body: string[] = [];
    const start = this.at;
    for (;;) {
      if (this.at >= this.text.length) throw new NotUnderstood("a heredoc is not closed");
      const end = this.text.indexOf("\n", this.at);
      const line = this.text.slice(this.at, end < 0 ? this.text.length : end);
      this.at = end < 0 ? this.text.length : end + 1;
      if ((indented ? line.replace(/^\t+/, "") : line) === delimiter) break;
      body.push(line);
      redirect.body = { start, end: this.at };
    }
    // Its substitutions run; telling them from text takes rules of their own.
    if (!quoted && /[$`]/.test(body.join("\n"))) throw new NotUnderstood("a heredoc with expansions");
    if (!quoted && body.some((line) => line.endsWith("\\"))) throw new NotUnderstood("a heredoc with continued lines");
  }
}
