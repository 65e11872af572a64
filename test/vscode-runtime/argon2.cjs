"use strict";

// Stands in for the native module that hashes passwords: the served editor has none, only its door lets anybody in.
exports.hash = () => Promise.reject(new Error("This editor takes no password"));
exports.verify = () => Promise.resolve(false);
