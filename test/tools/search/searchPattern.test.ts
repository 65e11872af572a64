import { expect, test } from "vitest";
import { grep } from "../../../src/tools/search/grepTool.ts";
import { call, tempFolder, toolContext } from "../toolContext.ts";

test("a pattern of several lines is refused, not answered with nothing", async () => {
  const context = toolContext(tempFolder({ a: "one\ntwo\n" }));
  const text = async (pattern: string) => (await call(grep, { pattern }, context)).text;
  for (const pattern of ["one\ntwo", String.raw`one\ntwo`, String.raw`[^x]\s*\ntwo`])
    await expect(text(pattern)).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("one by one"),
    });
  expect(await text(String.raw`o[^\n\]]e`)).toBe("a:1:one");
  expect(await text(String.raw`\\n`)).toBe(String.raw`Nothing matches \\n`);
});

test("dialects of patterns are understood", async () => {
  const context = toolContext(tempFolder({ a: "Foo-1 {x}\nbar\n" }));
  for (const pattern of [
    "(?i)foo",
    "(?P<name>Foo)",
    "\\AFoo",
    "[[:alpha:]]+-[[:digit:]]",
    "Foo\\-1",
    "1 {x}",
    "x}\\z",
    "(?<=o)-",
    String.raw`\p{Lu}\w+-1 {`,
    String.raw`\<Foo\>\-\<1\>`,
    String.raw`\x{46}oo`,
    String.raw`\Q1 {x}\E\z`,
    String.raw`\pL\w+-`,
    String.raw`1[\h]{`,
    String.raw`1\h\{`,
    String.raw`^[\w-]+ [{}x]+$`,
    String.raw`^[!-\w]+ \{`,
    String.raw`o-[[:digit:]-]\ `,
    String.raw`(?P<o>o)(?P=o)\-`,
    "[:upper:]oo-1",
    String.raw`[\u{41}-\u{5a}]oo-`,
    "Foo[[:punct:]]1[[:print:]]+[[:graph:]]$",
    "Foo[_[:punct:]]1",
    "[]x]}$",
    "o[^]]1",
    "o[^[]1",
  ])
    expect((await call(grep, { pattern }, context)).text, pattern).toBe("a:1:Foo-1 {x}");
  expect((await call(grep, { pattern: String.raw`o[\h]+x` }, context)).text).toContain("Nothing matches");
});

test("a set that has no end is refused, not answered with nothing", async () => {
  const refused = call(grep, { pattern: "int[]" }, toolContext(tempFolder({ a: "int[] x" })));
  await expect(refused).rejects.toMatchObject({ code: "bad_request" });
});

test.each([
  [String.raw`foo\Kbar`, String.raw`\K`],
  [String.raw`a\Rb {`, String.raw`\R`],
  ["[[:^alpha:]]", "[:^alpha:]"],
  ["[[:vowel:]x]", "[:vowel:]"],
])("what no pattern here can say is refused, not read as something else: %s", async (pattern, token) => {
  await expect(call(grep, { pattern }, toolContext(tempFolder({ a: "x" })))).rejects.toMatchObject({
    code: "bad_request",
    message: `The pattern has ${token}, which the regular expressions here do not know`,
  });
});
