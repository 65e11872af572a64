// Whether a script's shell knows `exec`: a shell that stays between npm and its script keeps npm's SIGINT for itself.
process.exitCode = process.platform === "win32" ? 1 : 0;
