/** What a program does by one of its options, beside what it is there for. */
export interface FarProgram {
  /** Options by which it writes or removes files, and subcommands in brackets. */
  writes?: string;
  /** Options, and subcommands in brackets, by which it starts programs or runs code that somebody gives it. */
  runs?: string;
  /** Options that are no shortened form of one of those. */
  known?: string;
  /** It takes no shortened options. */
  whole?: true;
  /** Letters of options that take the rest of their word. */
  valued?: string;
  /** Its first word is what it runs, and what comes after is that one's. */
  script?: true;
  /** "--" ends its options, and what comes after is another's. */
  ends?: true;
}

/**
 * The programs that do one thing by their first words and quite another by an option further on, by the names that their manuals
 * use. No list of them is whole: what a program does that is not here, no rule knows.
 */
export const FAR_PROGRAMS: Record<string, FarProgram> = {
  // Version control
  git: {
    writes: "--output --output-directory --in-place --export-marks --separate-git-dir",
    runs:
      "--ext-diff --textconv --upload-pack --receive-pack --exec --extcmd --open-files-in-pager --template --config " +
      "--config-env --exec-path --git-dir --sendmail-cmd --smtp-server",
    ends: true,
  },
  "git (before)": { runs: "-c -C -p" },
  "git archive": { writes: "-o" },
  "git format-patch": { writes: "-o" },
  "git clone": { runs: "-c -u", valued: "bjo" },
  "git rebase": { runs: "-x", valued: "CsX" },
  "git difftool": { runs: "-x -t" },
  "git mergetool": { runs: "-t" },
  "git grep": { runs: "-O", valued: "ABCefm" },
  "git (words)": {
    runs: "[bisect run] [submodule foreach] [hook run] [filter-branch] [difftool] [mergetool] [send-email] [config] [maintenance] [instaweb]",
  },
  hg: { runs: "--config --cwd --repository -R --tool" },
  gh: { whole: true, runs: "[extension] [alias]", writes: "[config]" },

  // Looking at text and files
  sort: { writes: "-o --output", runs: "--compress-program", valued: "kStT" },
  shuf: { writes: "-o --output", valued: "in" },
  iconv: { writes: "-o --output", valued: "ft" },
  tree: { writes: "-o", valued: "LPIHT" },
  diff3: { runs: "--diff-program" },
  sdiff: { writes: "-o --output", runs: "--diff-program", valued: "wI" },
  find: { writes: "-delete -fprint -fprint0 -fprintf -fls", runs: "-exec -execdir -ok -okdir" },
  fd: { whole: true, runs: "-x -X --exec --exec-batch", valued: "dtecESoj" },
  fdfind: { whole: true, runs: "-x -X --exec --exec-batch", valued: "dtecESoj" },
  rg: { whole: true, runs: "--pre --hostname-bin" },
  ag: { whole: true, runs: "--pager" },
  ack: { runs: "--pager --ackrc" },
  ugrep: { writes: "--save-config", runs: "--filter --pager --view" },
  less: {
    writes: "-o -O --log-file --LOG-FILE",
    runs: "-k --lesskey-file --lesskey-src --lesskey-content",
    valued: "bhjpPtTxyz",
  },
  man: { runs: "-P -H -C --pager --html --config-file", valued: "LMRSsrem" },
  xmllint: { writes: "--output" },
  xsltproc: { writes: "-o --output" },
  yq: { writes: "-i -s --inplace --split-exp" },
  sed: { writes: "-i --in-place", runs: "-f --file", valued: "efl" },
  vi: { writes: "-w -W", runs: "-c -S -s -u --cmd" },
  vim: { writes: "-w -W", runs: "-c -S -s -u --cmd" },
  nvim: { writes: "-w -W", runs: "-c -S -s -u -l --cmd" },
  view: { writes: "-w -W", runs: "-c -S -s -u --cmd" },
  ex: { writes: "-w -W", runs: "-c -S -s -u --cmd" },
  emacs: { runs: "-f -l --eval --execute --funcall --load --script -x" },

  // Archives, copies, the network
  tar: {
    known: "--checkpoint",
    writes: "--remove-files --index-file",
    runs: "-F -I --to-command --checkpoint-action --use-compress-program --rsh-command --rmt-command --info-script --new-volume-script",
    valued: "fCbTXgHKLNV",
  },
  cpio: { runs: "--rsh-command" },
  zip: { runs: "-TT --unzip-command" },
  rsync: {
    whole: true,
    writes: "--log-file --backup-dir --write-batch --only-write-batch",
    runs: "-e --rsh --rsync-path --config",
    valued: "fBTM",
  },
  scp: { runs: "-o -F -S -D", valued: "ciJlPX" },
  sftp: { runs: "-o -F -S -D -b", valued: "BciJlPRsX" },
  ssh: { writes: "-E", runs: "-o -F -I", valued: "bcDeiJLlmOpQRSWw" },
  curl: {
    known: "--cookie",
    writes:
      "-o -O -D -c --output --output-dir --remote-name --remote-name-all --dump-header --cookie-jar --trace --trace-ascii --stderr --libcurl --hsts --alt-svc --etag-save",
    runs: "-K --config --engine",
    valued: "ACdeEFHmPQrtTuUwxXyYzb",
  },
  wget: {
    writes:
      "-o -O -a -P --output-document --output-file --append-output --directory-prefix --save-cookies --warc-file --hsts-file --rejected-log",
    runs: "-e --execute --config --use-askpass",
    valued: "tTwQUiIDAlRXB",
  },
  openssl: { writes: "-out -keyout", runs: "-engine -provider -provider-path -config" },
  gpg: { writes: "-o --output --log-file", runs: "--photo-viewer --agent-program --dirmngr-program --gpgconf-program" },

  // Building and packages
  npm: {
    writes: "--pack-destination --logs-dir --cache",
    runs:
      "--script-shell --shell --node-options --editor --viewer --browser --git --userconfig --globalconfig --init-module --prefix --call -C -c " +
      "[exec] [x] [explore] [edit] [create] [init] [config] [set]",
    ends: true,
  },
  pnpm: {
    writes: "--pack-destination",
    runs: "--script-shell --shell-mode --node-options --dir --global-pnpmfile --pnpmfile --config -C -c [exec] [dlx] [create] [config]",
    ends: true,
  },
  yarn: {
    runs: "--cwd --use-yarnrc --script-shell [exec] [dlx] [create] [config] [workspace * exec] [workspace * dlx] [workspaces]",
    ends: true,
  },
  bun: {
    whole: true,
    writes: "--coverage-dir --reporter-outfile --outdir --outfile --cpu-prof --heap-prof",
    runs: "-e -p -r -c --eval --print --preload --require --import --config --env-file --shell --cwd [x] [exec] [repl]",
    ends: true,
  },
  deno: {
    whole: true,
    runs: "-A --allow-all --allow-run --allow-write --allow-ffi --allow-env --preload --import --config -c [eval] [repl] [install]",
    ends: true,
  },
  npx: { runs: "-c -p --call --package --node-options --node-arg --script-shell --shell", script: true },
  bunx: { runs: "-p --package", script: true },
  uvx: { whole: true, runs: "--from --with --python --index --default-index", script: true },
  make: { runs: "-f -C -E -I -W --file --makefile --directory --eval --include-dir --what-if", valued: "jlo" },
  gmake: { runs: "-f -C -E -I -W --file --makefile --directory --eval --include-dir --what-if", valued: "jlo" },
  ninja: { runs: "-f -C -t", valued: "jkldw" },
  cmake: { whole: true, runs: "-P -E -C --toolchain --build --install", valued: "DGABSTU" },
  ctest: {
    whole: true,
    writes: "-O --output-log --output-junit",
    runs: "-S --script --build-and-test --build-command --test-command",
    valued: "jLRECIDMT",
  },
  cargo: {
    whole: true,
    writes: "--fix --target-dir --artifact-dir --out-dir [fix] [install]",
    runs: "--config --manifest-path -C [install]",
    ends: true,
  },
  go: {
    whole: true,
    writes:
      "-o -w -coverprofile -cpuprofile -memprofile -blockprofile -mutexprofile -trace -outputdir -gocoverdir -testlogfile -fuzzcachedir",
    runs: "-C -exec -toolexec -vettool -overlay -modfile -ldflags -gccgoflags [generate] [tool] [install]",
  },
  dotnet: {
    whole: true,
    writes: "-o -bl -binaryLogger --output --results-directory --diag --artifacts-path",
    runs: "-p -property --property -l -logger --logger --settings --collect --test-adapter-path /p /property /logger [exec] [tool]",
    ends: true,
  },
  gradle: {
    runs: "-I -b -c -p --init-script --build-file --settings-file --project-dir --include-build",
    valued: "DP",
  },
  gradlew: {
    runs: "-I -b -c -p --init-script --build-file --settings-file --project-dir --include-build",
    valued: "DP",
  },
  mvn: { writes: "-l --log-file", runs: "-f -s -t --file --settings --global-settings --toolchains", valued: "DP" },
  mvnw: { writes: "-l --log-file", runs: "-f -s -t --file --settings --global-settings --toolchains", valued: "DP" },
  bazel: { whole: true, runs: "--run_under --override_repository --override_module --bazelrc" },
  gcc: { runs: "-wrapper -fplugin -B -specs --specs" },
  "g++": { runs: "-wrapper -fplugin -B -specs --specs" },
  cc: { runs: "-wrapper -fplugin -B -specs --specs" },
  clang: { runs: "-fplugin -B -load -Xclang --config" },
  "clang++": { runs: "-fplugin -B -load -Xclang --config" },
  pip: {
    known: "--pre",
    writes: "--log --report --target --prefix --root -t",
    runs: "--python --config-settings",
    valued: "cer",
  },
  pip3: {
    known: "--pre",
    writes: "--log --report --target --prefix --root -t",
    runs: "--python --config-settings",
    valued: "cer",
  },
  composer: { runs: "-d --working-dir [exec] [config]" },
  docker: {
    whole: true,
    writes: "-v -o --volume --mount --volumes-from --output --iidfile --cidfile",
    runs: "-H -c --privileged --device --cap-add --security-opt --pid --userns --host --context --config [exec]",
    valued: "epmuw",
  },
  podman: {
    whole: true,
    writes: "-v -o --volume --mount --volumes-from --output --iidfile --cidfile",
    runs: "-c --privileged --device --cap-add --security-opt --pid --userns --url --connection --hooks-dir --runtime --conmon [exec]",
    valued: "epmuw",
  },
  kubectl: { whole: true, runs: "--kubeconfig [exec]" },
  helm: { whole: true, runs: "--post-renderer --kubeconfig" },
  protoc: { runs: "--plugin" },
  pandoc: {
    writes: "-o --output --extract-media --log",
    runs: "-F -L -d --filter --lua-filter --defaults --pdf-engine",
    valued: "fMtVTH",
  },

  // What looks over code
  eslint: {
    whole: true,
    writes: "-o --fix --fix-type --output-file --cache-location --cache-file",
    runs: "-c -f --config --format --parser --plugin --rulesdir --resolve-plugins-relative-to",
  },
  prettier: { whole: true, writes: "-w --write --cache-location", runs: "--plugin --config" },
  stylelint: {
    whole: true,
    writes: "-o --fix --output-file --cache-location",
    runs: "-c -f --config --custom-formatter --formatter --config-basedir",
  },
  biome: { whole: true, writes: "--write --fix --apply --apply-unsafe", runs: "--config-path" },
  ruff: { whole: true, writes: "-o --fix --fix-only --unsafe-fixes --output-file --add-noqa" },
  rubocop: {
    writes: "-a -A -o --autocorrect --autocorrect-all --auto-correct --out",
    runs: "-r --require --plugin -c --config",
  },
  tsc: {
    whole: true,
    writes:
      "--outDir --outFile --declarationDir --tsBuildInfoFile --generateTrace --generateCpuProfile -outDir -outFile -declarationDir",
  },

  // Languages: a file of theirs may be changed, and is looked at; code in a word is not
  node: {
    whole: true,
    writes:
      "--cpu-prof --heap-prof --redirect-warnings --report-directory --build-snapshot --trace-event-file-pattern --test-reporter-destination --tls-keylog --prof --logfile",
    runs: "-e -p -r -i --eval --print --require --import --loader --experimental-loader --interactive --env-file --env-file-if-exists --inspect --inspect-brk --inspect-wait --inspect-port --test-reporter --test-global-setup --openssl-config --snapshot-blob --experimental-config-file",
    script: true,
  },
  tsx: { whole: true, runs: "-e -p -r -i --eval --print --require --import --loader --env-file", script: true },
  "ts-node": {
    whole: true,
    runs: "-e -p -r -i -O -C -P --eval --print --require --compiler --compilerOptions --project",
    script: true,
  },
  python: { runs: "-c -i", valued: "WX", script: true },
  perl: { writes: "-i", runs: "-e -E -M -m -I -d -x", script: true },
  ruby: { writes: "-i", runs: "-e -r -I -x", script: true },
  php: { runs: "-r -B -R -F -E -d -c -z --run", script: true },
  lua: { runs: "-e -l -i", script: true },
  Rscript: { runs: "-e", script: true },
  julia: { runs: "-e -E -L --eval --print --load", script: true },
  elixir: { runs: "-e -r --eval --require", script: true },
  groovy: { runs: "-e", script: true },
  osascript: { runs: "-e", script: true },
  java: {
    writes: "-Xlog",
    runs: "-javaagent -agentlib -agentpath -XX:OnError -XX:OnOutOfMemoryError -XX:Flags -XX:VMOptionsFile",
  },
  sh: { runs: "-c -s", script: true },
  fish: { runs: "-c -C --command --init-command", script: true },
  csh: { runs: "-c", script: true },
  pwsh: { runs: "-c -C -e -E -Command -EncodedCommand", script: true },
  awk: {
    writes: "-i -o -d -p --include --pretty-print --dump-variables --profile",
    runs: "-f -e -E -l -D --file --exec --source --load --debug",
    valued: "Fv",
  },
  psql: { writes: "-o -L --output --log-file", runs: "-c -f --command --file", valued: "dhpUvFPRT" },
  mysql: { runs: "-e --execute --pager --tee --init-command --plugin-dir", valued: "hPuD" },
  sqlite3: { runs: "-cmd -init" },
};

/** Other names of theirs. */
export const SAME_PROGRAMS: [RegExp, string][] = [
  [/^(nodejs)$/, "node"],
  [/^(python|pypy)[\d.]*$/, "python"],
  [/^(perl|ruby|php|lua)[\d.]+$/, "$1"],
  [/^(bash|dash|zsh|ksh|mksh|ash)$/, "sh"],
  [/^tcsh$/, "csh"],
  [/^(powershell|cmd)$/, "pwsh"],
  [/^(gawk|mawk|nawk|original-awk)$/, "awk"],
  [/^gsed$/, "sed"],
  [/^(pnpx)$/, "npx"],
  [/^(vimdiff|rvim|gvim)$/, "vim"],
];
