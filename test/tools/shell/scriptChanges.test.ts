import { linkSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const workspace = tempFolder({ "package.json": "{}", "packages/a/package.json": "{}" });
  symlinkSync("package.json", join(workspace, "linked"));
  linkSync(join(workspace, "package.json"), join(workspace, "hard"));
  const { reason, protected: isProtected } = await commandAsk(line, workspace, {
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
  "echo x > linked",
  "sed -i s/a/b/ linked",
  "cp x linked",
  "echo x > hard",
  "echo x > /proc/self/cwd/package.json",
  "echo x | tee hard",
  "ln -s ../package.json",
  "cp evil/package.json package.json",
  "cp evil/package.json packages/a/package.json",
  "cp -r ../evil/package.json packages/a",
  "cp ../evil/package.json $D",
  "for p in a b; do cp evil/package.json packages/$p/; done",
  "cd web && cp x ../package.json",
  "node -e \"const f = 'package.json'; require('fs').writeFileSync(f, '{}')\"",
  "node -e \"require('child_process').execSync('sed -i s/a/b/ package.json')\"",
  "python3 -c \"import subprocess; subprocess.run(['sed', '-i', 's/a/b/', 'package.json'])\"",
  "python3 -c \"import os; os.system('echo x > package.json')\"",
  "perl -e 'system \"mv x package.json\"'",
  'ruby -e \'f = File.open("package.json", "w"); f.write "x"\'',
  'ruby -e \'File.write "package.json", "x"\'',
  'perl -e \'open(my $f, ">", "package.json"); print $f "x"\'',
  'perl -e \'rename "x", "package.json"\'',
  "ruby -e '`sed -i s/a/b/ package.json`'",
  "python3 -c \"import shutil; shutil.copy('x', 'package.json')\"",
  "python3 -c \"from pathlib import Path; Path('x').rename('package.json')\"",
  "python3 -c \"from pathlib import Path; Path('package.json').open('w').write('x')\"",
  "node -e \"require('fs').createWriteStream('package.json').end('x')\"",
  "node -e \"require('fs').promises.writeFile(new URL('package.json', u), 'x')\"",
  "node -e \"const fd = require('fs').openSync('package.json', 'r+')\"",
  'php -r \'fwrite(fopen("package.json", "w"), "x");\'',
  "pwsh -c \"'{}' | Set-Content package.json\"",
  "awk '{print $1 > \"package.json\"}' x",
  "awk '{print | \"tee package.json\"}' x",
  "awk 'BEGIN { system(\"sed -i x package.json\") }'",
  "npm -w web pkg set scripts.test=evil",
  "pnpm -w pkg set scripts.test=evil",
  "npm pkg set scripts[test]=evil",
  "vim package.json",
  "vim -R -c w! package.json",
  "bash <<< 'sed -i s/a/b/ package.json'",
  "if true; then tee package.json < x; fi",
  "if true; then node -e \"require('fs').writeFileSync(\\\"package.json\\\", '{}')\"; fi",
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
  "awk 'NR>10 && NR<20' package.json",
  "awk '/react|lodash/' package.json",
  "awk '$1 ~ /a|b/' package.json",
  "awk '{ if (length($0) > 100) print FILENAME }' package.json",
  "awk 'NR>=5 && NR<=10 {print}' package.json",
  "awk -F'|' '{print $2} NR>5 {print \"a>b|c\"}' package.json",
  "if true; then awk '/a|b/' package.json | head; fi",
  "cp packages/web/package.json out/web.json",
  "docker cp api:/app/package.json /tmp/x.json",
  "for p in web api; do cp packages/$p/package.json out/$p.json; done",
  "cp package.json{,.bak}",
  "cp packages/web/package.json /tmp/",
  "mv packages/web/package.json /tmp/",
  "cp packages/*/package.json /tmp/all/",
  "cp -r packages/web/package.json packages/web/src /tmp/img/",
  "cp package.json ..",
  "scp package.json user@host:/srv/app/package.json",
  "docker cp package.json api:/app/package.json",
  "kubectl cp package.json api-0:/app/package.json",
  "rsync -av ./ user@host:/srv/app/ --include package.json",
  "rsync -a --exclude package.json src/ .",
  "ln -s ../package.json dist/",
  "cp package.json ./dist/package.json",
  "install -D package.json /tmp/skel/package.json",
  "echo '{}' > /tmp/t/package.json",
  "if true; then echo '{}' > /tmp/t/package.json; fi",
  "curl -o /tmp/package.json https://x.example/a",
  "sed -i s/a/b/ /tmp/t/package.json",
  "cd web && cp package.json /tmp/x.json",
  "node -p \"require('./package.json').copyright\"",
  "node -e \"const p = require('./package.json'); console.log(p.copyright, p.systemRequirements)\"",
  "node -e \"console.log(/x/.exec(require('./package.json').name))\"",
  "node -e \"const m = /(\\d+)/.exec(require('fs').readFileSync('package.json', 'utf8')); console.log(m[1])\"",
  "node -p \"`${require('./package.json').name}@${require('./package.json').version}`\"",
  'node -p \'`${require("./package.json").name}@${require("./package.json").version}`\'',
  "node -e \"require('fs').writeFileSync('dist/version.txt', require('./package.json').version)\"",
  "node -e \"const p = require('./package.json'); require('fs').writeFileSync('dist/version.txt', p.version)\"",
  "node -e \"fs.writeFileSync(path.join('dist', 'version.txt'), require('./package.json').version)\"",
  "node -e \"require('fs').copyFileSync('package.json','/tmp/package.json')\"",
  "node -e \"const p = require('./package.json'); require('child_process').execSync('git tag v'+p.version)\"",
  "python3 -c \"import subprocess; print(subprocess.check_output(['cat','package.json']))\"",
  "python3 -c \"import json; d = json.load(open('package.json')).copy(); print(d)\"",
  "python3 -c \"import json; json.dump(json.load(open('package.json'))['version'], open('v.json', 'w'))\"",
  "npm install pkg set",
  "npm i pkg-types set-script",
  "npm run set-script",
  "npm test -- pkg set",
  "npm pkg set files[0]=dist",
  "npm test -- --trust",
  "vim -R package.json",
  "view package.json",
  "tee src/pkg.ts <<< \"import p from '../package.json'\"",
  "if true; then tee b.json < package.json; fi",
  "sed -n '/\"scripts\"/,/}/p' package.json",
  'pwsh -c "Get-Content package.json | Out-File a.txt"',
  'python3 - <<\'E\'\nimport json\nd = json.load(open("package.json"))\nwith open("/tmp/report.txt","w") as f:\n    f.write(d["name"])\nE',
  'python3 <<\'E\'\nimport json\nfrom pathlib import Path\nd = json.loads(Path("package.json").read_text())\nPath("out.md").write_text(d["name"])\nE',
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

test("a folder outside that is a link to the workspace counts as it", () => {
  const workspace = tempFolder({ "package.json": "{}" });
  const outside = tempFolder({});
  symlinkSync(workspace, join(outside, "there"));
  const dialect = "posix";
  expect(scriptChange(`echo x > ${outside}/there/package.json`, workspace, dialect)).toBeDefined();
  expect(scriptChange(`cp ${outside}/package.json ${outside}/there`, workspace, dialect)).toBeDefined();
  expect(scriptChange(`echo x > ${outside}/package.json`, workspace, dialect)).toBeUndefined();
});

test("a workspace within a folder of that name is none that is built", () => {
  const workspace = join(tempFolder({ "build/app/package.json": "{}" }), "build/app");
  expect(scriptChange(`cp evil/package.json ${workspace}/`, workspace, "posix")).toBeDefined();
});

test("a long line is looked at quickly", () => {
  for (const part of ["> ", "sed -i s/a/b/ x ", "a=", "for f in ", "open(", "cp a "]) {
    const line = `if node -e package.json; then ${part.repeat(Math.floor(60_000 / part.length))}`;
    const started = threadMs();
    for (const dialect of ["posix", "powershell"] as const) scriptChange(line, tmpdir(), dialect);
    expect([part, threadMs() - started < 5000]).toEqual([part, true]);
  }
});
