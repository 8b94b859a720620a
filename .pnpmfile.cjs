// The node-* binary packages publish "os" and "cpu" as strings; pnpm only honours arrays,
// so without this hook every platform's runtime (Windows' too) would be installed.
const asList = (value) => (typeof value === 'string' ? [value] : value);

function readPackage(pkg) {
  if (/^node-(linux|win|darwin)-/.test(pkg.name ?? '')) {
    pkg.os = asList(pkg.os);
    pkg.cpu = asList(pkg.cpu);
  }
  return pkg;
}

module.exports = { hooks: { readPackage } };
