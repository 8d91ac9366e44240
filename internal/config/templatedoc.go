package config

// templateDoc is the part of the reference about templates.
const templateDoc = `
## Templates

A file with ` + "`<% %>`" + ` is an ERB template with trim mode ` + "`-`" + `. It is rendered when it is loaded, with MRSK_DESTINATION and
KAMAL_DESTINATION set to the destination. Errors name the line in the template. Paths are relative to the working directory.

` + "```yaml" + `
servers: <%= ENV.fetch("WEB_HOSTS", "192.0.2.10").split(",").to_json %>
env:
  clear:
    REVISION: <%= ` + "`git rev-parse --short HEAD`" + `.strip %>
` + "```" + `

These forms need no Ruby:

| what | supported |
|---|---|
| tags | ` + "`<%= %>`, `<% %>`, `<%# %>`, `-%>`, `<%-`, `<%%`, `%%>`; a problem of a `<%= %>` in a YAML comment is ignored" + ` |
| control | ` + "`if elsif else unless`, `begin rescue`, all three of `if unless rescue` behind a statement, `? :`, `&& \\|\\| ! and or`, `&.`, `raise`, `abort`, blocks" + ` |
| values | strings with ` + "`#{}`, `%w[]`, symbols, numbers, lists, hashes, regular expressions without lookaround, variables, `x[1..]`" + ` |
| strings | ` + "`strip lstrip rstrip chomp upcase downcase split lines tr sub gsub scan match? =~ delete_prefix delete_suffix start_with? end_with? include? empty? length to_i to_sym + * []`" + ` |
| lists, hashes | ` + "`each each_with_index map select reject any? include? first last join compact flatten uniq sort size empty? + << push []`, of hashes also `fetch key? keys`" + ` |
| all values | ` + "`to_s nil? == to_json inspect present? blank? presence`" + `; of integers ` + "`+ - * / % < > <= >=`, `Integer()`" + ` |
| environment | ` + "`ENV[…]`, `ENV.fetch`, `ENV.key?`, `ENV[…] = …`, `Dotenv.load`" + `; secrets, hooks and programs get the loaded variables too |
| machine | backticks, ` + "`%x()`, `File.read exist? join expand_path dirname`, `Dir.pwd`, `__dir__`, `puts`, `Kamal::Utils.docker_arch`" + ` |
| addresses | ` + "`URI.parse(…)` and its `scheme host port path`" + ` |

` + "`require`" + ` of a standard library is ignored. A template that needs more, such as ` + "`while`, `case`, `def`, `YAML`, `JSON.parse`, `Time`" + `
or heredocs, is rendered by ` + "`ruby`" + ` if it is on the PATH and MRSK_RUBY is not ` + "`off`" + `. Without ruby it is an error that names the
form, its line, and what to write instead.

## Variables

In any value, in templates or not, ` + "`${env:NAME}`" + ` is the variable NAME of your environment when the file is loaded.
` + "`${env:NAME:-default}`" + ` has a default for a variable that is unset or empty. Without quotes the value can become a number or a boolean.
If a key says that the host fills in ` + "`${NAME}`" + `, it is the variable NAME on the host.

` + "```yaml" + `
image: ${env:IMAGE:-acme/shop}
env:
  clear:
    REGION: ${REGION:-eu}   # filled in by the host
` + "```" + `
`
