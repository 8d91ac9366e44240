package config

// templateDoc is the part of the reference about templates.
const templateDoc = `
## Templates

A file with ` + "`<% %>`" + ` is a template of ERB, trim mode ` + "`-`" + `. It is rendered when it is loaded, with MRSK_DESTINATION and
KAMAL_DESTINATION set to the destination. Problems name the line of the file as it is written. Paths begin at the working
directory. These forms need no Ruby:

| what | which of it |
|---|---|
| tags | ` + "`<%= %>`, `<% %>`, `<%# %>`, `-%>`, `<%-`, `<%%`, `%%>`; a problem of a `<%= %>` in a YAML comment is ignored" + ` |
| control | ` + "`if elsif else unless`, `begin rescue`, all three of `if unless rescue` behind a statement, `? :`, `&& \\|\\| ! and or`, `&.`, `raise`, `abort`, blocks" + ` |
| values | strings with ` + "`#{}`, `%w[]`, symbols, numbers, lists, hashes, regular expressions without looking around, variables, `x[1..]`" + ` |
| strings | ` + "`strip lstrip rstrip chomp upcase downcase capitalize split lines tr sub gsub scan match? =~ delete_prefix delete_suffix start_with? end_with? include? empty? length to_i to_sym + * []`" + ` |
| lists, hashes | ` + "`each each_with_index map select reject any? include? first last join compact flatten uniq sort size empty? + << push []`, of hashes also `fetch key? keys values`" + ` |
| all values | ` + "`to_s nil? == to_json inspect present? blank? presence in?`" + `; of integers ` + "`+ - * / % < > <= >=`, `Integer()`" + ` |
| environment | ` + "`ENV[…]`, `ENV.fetch`, `ENV.key?`, `ENV[…] = …`, `Dotenv.load`" + `; what is loaded is there for secrets, hooks and programs, too |
| machine | backticks, ` + "`%x()`, `File.read exist? join expand_path dirname`, `Dir.pwd`, `__dir__`, `puts`, `Kamal::Utils.docker_arch`" + ` |
| addresses | ` + "`URI.parse(…)` and its `scheme host port path query user password`" + ` |

` + "`require`" + ` of a standard library does nothing. A template that asks for more, such as ` + "`while`, `case`, `def`, `YAML`, `JSON.parse`, `Time`" + `
or heredocs, is rendered by ` + "`ruby`" + ` where one is on the PATH, unless MRSK_RUBY is ` + "`off`" + `. Without ruby it is an error that names the
form, its line, and what to write instead.

In any value, in templates or not, ` + "`${env:NAME}`" + ` is NAME of your environment when the file is loaded, and
` + "`${env:NAME:-default}`" + ` has a default for a variable that is not set, or empty. Without quotes around it the value gets the type
that it looks like. ` + "`${NAME}`" + ` without ` + "`env:`" + ` is filled in by the host, where a key says so.
`
