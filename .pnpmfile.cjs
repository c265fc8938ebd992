// The node-<os>-<cpu> packages declare `os` and `cpu` as strings; pnpm honours them only as lists, and would
// otherwise link another platform's binary as `node`.
module.exports = {
  hooks: {
    readPackage(pkg) {
      if (/^node-(bin-)?(linux|win|darwin)-/.test(pkg.name)) {
        for (const key of ["os", "cpu"]) if (typeof pkg[key] === "string") pkg[key] = [pkg[key]];
      }
      return pkg;
    },
  },
};
