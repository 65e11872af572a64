// Imported before all others, which an older Node.js could not run.
if (!import.meta.dirname) {
  const { version, execPath } = process;
  console.error(
    `Node.js 20.11 or newer is needed to begin with, and this is ${version.slice(1)} (${execPath}); get one from https://nodejs.org`,
  );
  process.exit(1);
}
