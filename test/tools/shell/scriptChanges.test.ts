import { expect, test } from "vitest";
import { commandAsk } from "../../../src/tools/shell/commandAsk.ts";
import { withInput } from "../../../src/tools/shell/inputAsk.ts";
import type { Sandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { scriptChange } from "../../../src/tools/shell/scriptChanges.ts";
import type { Dialect } from "../../../src/shell/shellLine.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import { tempFolder } from "../toolContext.ts";

const SCRIPTS = "protected path: the scripts of package.json decide what code runs";

async function asked(line: string, dialect: Dialect = "posix", sandbox?: Sandbox) {
  const { reason, protected: isProtected } = await commandAsk(line, tempFolder({ "package.json": "{}" }), {
    access: "write",
    dialect,
    ...(sandbox ? { sandbox } : {}),
  });
  return isProtected ? reason : undefined;
}

test.each([
  `sed -i 's/"test": "x"/"test": "evil"/' package.json`,
  "sed -i.bak -e s/a/b/ web/package.json",
  "gsed -E --in-place=.bak s/a/b/ ./package.json",
  "sed -ni p Package.JSON",
  "sed -n 'w package.json' x",
  `echo '{"scripts":{}}' > package.json`,
  "echo x >> package.json",
  "echo x >| web/package.json",
  "echo x &> package.json",
  "echo x 2> package.json",
  "cat <> package.json",
  `echo x > "my app/package.json"`,
  "echo x > pack'age'.json",
  "cat > package.json <<'E'\n{}\nE",
  "(cat a; cat b) > package.json",
  "cp x package.json",
  "cp -f -- x web/package.json",
  "cp ../evil/package.json .",
  "cp evil/package.json packages/a/",
  "cp -t . evil/package.json",
  "mv -f x package.json",
  "mv package.json.new package.json",
  "ln -sf evil.json package.json",
  "install -m 644 x package.json",
  "rsync -avt x package.json",
  "dd if=x of=package.json",
  "echo x | tee package.json",
  "echo x | tee -a a package.json > /dev/null",
  "truncate -s 0 package.json",
  "jq '.scripts.test=\"evil\"' package.json | sponge package.json",
  't=$(mktemp); jq \'.a\' package.json > "$t" && mv "$t" package.json',
  "printf '%s\\n' ',s/a/b/' w q | ed -s package.json",
  "ex -sc '%s/a/b/|x' package.json",
  "vim -c ':%s/a/b/' -c wq package.json",
  "nano package.json",
  "patch package.json x.diff",
  "perl -pi -e 's/a/b/' package.json",
  "perl -i.bak -pe 's/a/b/' package.json",
  "ruby -pi -e 'sub(/a/, 1)' package.json",
  "gawk -i inplace '{print}' package.json",
  `awk '{print > "package.json"}' x`,
  "yq -i '.scripts.test = \"x\"' package.json",
  "npx json -I -f package.json -e 'this.scripts.test=1'",
  "curl -o package.json https://x.example/a",
  "curl -sSLo package.json https://x.example/a",
  "curl -O https://x.example/package.json",
  "wget https://x.example/package.json",
  "wget -O package.json https://x.example/a",
  "sort -o package.json x",
  "npm pkg set scripts.test=evil",
  "npm --prefix web pkg set 'scripts[test]=evil'",
  "npm pkg set author=me husky.hooks.pre-commit=x",
  `npm pkg set --json scripts='{"test":"x"}'`,
  'npm pkg set "$X"',
  "npm pkg delete scripts.test",
  "pnpm pkg set bin.x=y",
  "bun pm pkg set scripts.test=x",
  "bun pm trust x",
  "bun add --trust x",
  "echo scripts.test=x | xargs npm pkg set",
  "npm set-script test evil",
  `node -e "const p=require('./package.json'); p.scripts.test='x'; require('fs').writeFileSync('package.json', JSON.stringify(p))"`,
  `node -e "fs.renameSync('x', 'package.json')"`,
  `node -e "require('fs').copyFileSync(...process.argv.slice(1))" x package.json`,
  "node <<'E'\nrequire('fs').writeFileSync('package.json', '{}');\nE",
  "node - <<'E'\nrequire('fs').writeFileSync('package.json', '{}');\nE",
  `echo "fs.writeFileSync('package.json', '{}')" | node`,
  `python3 -c "import json; d=json.load(open('package.json')); json.dump(d, open('package.json', 'w'))"`,
  "python3 - <<'E'\nfrom pathlib import Path\nPath('package.json').write_text('{}')\nE",
  `python3 -c "import os; os.replace('x', 'package.json')"`,
  `python3 -c "open('package.json', mode='w')"`,
  `perl -e 'open(F, ">package.json"); print F "x"'`,
  `ruby -e 'File.write("package.json", "x")'`,
  `deno eval "Deno.writeTextFileSync('package.json', '{}')"`,
  `bun -e "Bun.write('package.json', '{}')"`,
  `php -r 'file_put_contents("package.json", "x");'`,
  "cd web && sed -i s/a/b/ package.json",
  "F=package.json; sed -i s/a/b/ $F",
  'F=package.json; echo x > "$F"',
  "F=package.json; cp x $F",
  "for f in package.json; do sed -i s/a/b/ $f; done",
  "for f in a package.json; do echo x > $f; done",
  "if true; then sed -i s/a/b/ package.json; fi",
  "if true; then npm pkg set scripts.test=x; fi",
  "{ echo x; } > package.json",
  "sed -i s/a/b/ package.j*",
  "sed -i s/a/b/ *age.json",
  "git mv x package.json",
  "curl -sSLopackage.json https://x.example/a",
  "sed -i s/a/b/ {package,x}.json",
  "sed -i s/a/b/ $(find . -name package.json)",
  "find . -name package.json -exec sed -i s/a/b/ {} +",
  "find . -name package.json | xargs sed -i s/a/b/",
  "echo package.json | xargs cp x",
  "sudo sed -i s/a/b/ package.json",
  "env X=1 tee package.json",
  "flock x sed -i s/a/b/ package.json",
  `uv run python -c "open('package.json','w')"`,
  "pnpm dlx json -I -f package.json -e x",
  "corepack npm pkg set scripts.a=b",
  "docker run -v .:/w x tee /w/package.json",
  "F=$(find . -name package.json); sed -i s/a/b/ $F",
  "find . -name package.json | while read f; do sed -i s/a/b/ $f; done",
  "bash -c 'echo x > package.json'",
  "echo 'sed -i s/a/b/ package.json' | sh",
  "sh <<'E'\necho x > package.json\nE",
])("without a sandbox what may change the scripts of a package.json is protected: %s", async (line) => {
  expect(await asked(line)).toBe(SCRIPTS);
});

test.each([
  "cat package.json",
  "jq .scripts package.json",
  "jq -r .version package.json > version.txt",
  "jq .version package.json > $OUT",
  "grep -n test package.json | head -5",
  "head -20 package.json; tail package.json",
  "diff package.json web/package.json",
  "sed -n 1,20p package.json",
  "sed 's/a/b/' package.json > b.json",
  "sed -i 's/package.json/x/' README.md",
  "sed -i s/a/$V/ src/a.ts && cat package.json",
  "grep -rl 'package.json' src | xargs sed -i 's/a/b/'",
  "awk '/version/ {print $2}' package.json",
  `node -p "require('./package.json').version"`,
  `node -e "console.log(require('./package.json').scripts)"`,
  `node -e "process.stdout.write(require('./package.json').version)"`,
  `python3 -c "import json; print(json.dumps(json.load(open('package.json'))['scripts']))"`,
  `node -p "require('./package.json').name"`,
  "node -p '`v${require(`./a/b.json`).version}`' package.json",
  `python3 -c "import json; names = []; names.append(json.load(open('package.json'))['name']); print(names)"`,
  `node -e "const { name, dependencies } = require('./package.json'); console.log(name, process.execPath)"`,
  "npm pkg set type=module 'engines.node=>=20'",
  `perl -ne 'print if /version/' package.json`,
  "cat package.json | node scripts/check.js",
  "node scripts/write.js package.json",
  "git add package.json && git commit -m 'npm pkg set; sed -i package.json > x'",
  "git diff package.json; git checkout package.json; git show HEAD:package.json",
  "npm install x; npm ci; npm version patch; npm test; npm pkg fix",
  "npm pkg get scripts; npm pkg set description=x version=1.0.0",
  'npm pkg set name="$N"',
  "npx prettier --write package.json",
  "cp package.json dist/",
  "cp package.json package-lock.json $OUT",
  "cp package.json package.json.bak",
  'cp package.json "$(pwd)/dist"',
  'V=$(jq -r .version package.json); echo $V > version.txt; sed -i "s/x/$V/" README.md',
  'for f in */package.json; do jq -r .name "$f" >> names.txt; done',
  "cp ./package.json /tmp/x/",
  "cp x tsconfig.json",
  "mv package.json old.json",
  "rm package.json",
  "echo x > package.json.md",
  "echo x > a-package.json",
  "echo x > tsconfig.json",
  "echo 'see package.json' > a.md",
  "cat > README.md <<'E'\nsed -i x package.json\nE",
  "tee b.json < package.json",
  "for f in a b; do cat package.json; done",
  "if [ -f package.json ]; then npm test; fi",
  "find . -name package.json -not -path './node_modules/*' | head",
  "find . -name package.json | xargs grep test",
  "curl -s https://x.example/package.json",
  "wget -qO- https://x.example/package.json",
  "test -f package.json && echo yes 2>&1",
  "rsync -a src/ dist/; tar czf a.tgz package.json",
  "docker build . && ls package.json",
  "curl -o a.json https://x.example/package.json",
  "sort -o b package.json",
  "which node && cp package.json dist/",
  "node --version | cat; cp package.json dist/",
  "if command -v node; then cp package.json dist/; fi",
  "find . -name package.json -exec cp {} dist ';'",
  "find . -name package.json | xargs -I{} cp {} dist/",
  "find . -name package.json | xargs cp -t dist",
])("what only reads a package.json, or leaves its scripts as they are, is not: %s", async (line) => {
  expect(await asked(line)).toBeUndefined();
});

test.each<[Dialect, string]>([
  ["powershell", "Set-Content package.json '{}'"],
  ["powershell", "'{}' | Out-File -FilePath .\\package.json"],
  ["powershell", "'{}' > web\\package.json"],
  ["powershell", "Copy-Item x package.json -Force"],
  ["powershell", "Copy-Item -Destination package.json -Path x"],
  ["powershell", "Move-Item x package.json"],
  ["powershell", "New-Item package.json -Value x -Force"],
  ["powershell", "(Get-Content package.json) -replace 'a','b' | Set-Content package.json"],
  ["powershell", "[IO.File]::WriteAllText('package.json', '{}')"],
  ["powershell", "Invoke-WebRequest https://x.example/a -OutFile package.json"],
  ["powershell", "$f = 'package.json'; Set-Content $f '{}'"],
  ["powershell", "$f = Get-Item package.json; '{}' | Set-Content $f"],
  ["powershell", "Get-ChildItem package.json | ForEach-Object { Set-Content $_ '{}' }"],
  ["powershell", "Get-Content x | sc package.json"],
  ["powershell", "npm pkg set scripts.test=evil"],
  ["powershell", `node -e "require('fs').writeFileSync('package.json', '{}')"`],
  ["cmd", "echo x>package.json"],
  ["cmd", "copy /y x package.json"],
  ["cmd", "move /Y x web\\package.json"],
  ["cmd", "npm.cmd pkg set scripts.test=evil"],
  ["cmd", "for %f in (package.json) do copy x %f"],
])("so it is in %s: %s", async (dialect, line) => {
  expect(await asked(line, dialect)).toBe(SCRIPTS);
});

test.each<[Dialect, string]>([
  ["powershell", "Get-Content package.json"],
  ["powershell", "Copy-Item package.json dist"],
  ["powershell", "(Get-Content package.json | ConvertFrom-Json).version"],
  ["powershell", "npm pkg get scripts; npm test"],
  ["powershell", "$v = (Get-Content package.json | ConvertFrom-Json).version; Set-Content version.txt $v"],
  ["powershell", "Get-Content package.json > b.txt"],
  ["cmd", "type package.json"],
  ["cmd", "copy package.json dist"],
  ["cmd", "type package.json > b.txt"],
])("what reads it is not in %s: %s", async (dialect, line) => {
  expect(await asked(line, dialect)).toBeUndefined();
});

test("in the sandbox, where they are put back, nobody is asked about them", async () => {
  const sandbox = { kind: "bubblewrap" } as unknown as Sandbox;
  expect(await asked("sed -i s/a/b/ package.json", "posix", sandbox)).toBeUndefined();
});

test("what is given to an interpreter as its input counts as what stands in the line", async () => {
  const workspace = tempFolder({ "package.json": "{}" });
  const input = "require('fs').writeFileSync('package.json', '{}')";
  const ask = await commandAsk("node", workspace, { access: "write", dialect: "posix" });
  expect(await withInput(ask, input, { workspace, isFree: true })).toMatchObject({ protected: true, reason: SCRIPTS });
  expect(await withInput(ask, input, { workspace, isFree: false })).toMatchObject({ protected: false });
  expect(await withInput(ask, "require('./package.json')", { workspace, isFree: true })).toMatchObject({
    protected: false,
  });
});

test("a long line is looked at quickly", () => {
  for (const part of ["> ", "sed -i s/a/b/ x ", "a=", "for f in ", "open(", "cp a "]) {
    const line = `if node -e package.json; then ${part.repeat(Math.floor(60_000 / part.length))}`;
    const started = threadMs();
    for (const dialect of ["posix", "powershell"] as const) scriptChange(line, dialect);
    expect([part, threadMs() - started < 5000]).toEqual([part, true]);
  }
});
