package config

// templateDoc is the part of the reference about templates.
const templateDoc = `
## Templates

A file with ` + "`<% %>`" + ` is a template of ERB, trim mode ` + "`-`" + `, and needs no Ruby. It is rendered when it is loaded, with
MRSK_DESTINATION and KAMAL_DESTINATION set to the destination. Problems name the line of the file as it is written. Paths
begin at the working directory.

| what | which of it |
|---|---|
| tags | ` + "`<%= %>`, `<% %>`, `<%# %>`, `-%>`, `<%-`, `<%%`, `%%>`; what is wrong with the value of a `<%= %>` in a YAML comment does no harm" + ` |
| control | ` + "`if unless case while until for begin rescue ensure`, also behind a statement, `? :`, `&& \\|\\| ! and or not`, `&.`, `raise`, `def`, blocks, lambdas" + ` |
| values | strings with ` + "`#{}`, heredocs, `%w[]` and the like, symbols, numbers, lists, hashes, ranges, regular expressions without looking around, variables of all kinds" + ` |
| methods | those of the standard library for these values that return something new or change lists and hashes, and ` + "`present? blank? presence in? try squish`" + ` |
| environment | ` + "`ENV[…]`, `ENV.fetch`, `ENV[…] = …`, `Dotenv.load`" + `; what is loaded is there for secrets, hooks and programs, too |
| machine | backticks, ` + "`%x()`, `system`, `$?`, `Open3.capture2`, `File`, `Dir.pwd`, `Time.now`, `Etc.getlogin`, `Socket.gethostname`, `Kamal::Utils.docker_arch`" + ` |
| data | ` + "`JSON`, `YAML`, `URI`, `Base64`, `Digest`, `Shellwords`, `CGI.escape`, `format`" + ` |

` + "`require`" + ` of a standard library does nothing. A template that asks for more is rendered by ` + "`ruby`" + ` where one is on the PATH,
unless MRSK_RUBY is ` + "`off`" + `, and is an error with its line otherwise.

In any value, in templates or not, ` + "`${env:NAME}`" + ` is NAME of your environment when the file is loaded, and
` + "`${env:NAME:-default}`" + ` has a default for a variable that is not set, or empty. Without quotes around it the value gets the type
that it looks like. ` + "`${NAME}`" + ` without ` + "`env:`" + ` is filled in by the host, where a key says so.
`
