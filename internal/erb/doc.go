// Package erb renders ERB templates without Ruby: text with tags that hold code. It supports the
// part of Ruby that configuration files use; docs/compatibility.md counts the forms.
//
// scan cuts a template into pieces (template.go), and a lexer cuts code into tokens (token.go,
// literal.go). The parser builds nodes (parse.go, expression.go, control.go), which evaluate
// themselves (node.go). The methods of values are in tables (methods_*.go). The package does no
// I/O: a template reads files, runs commands and reads the environment through World, and only
// when the code that does so runs.
//
// A template with unsupported code is rendered by ruby if World has it. Without ruby it is an
// error with line, column and advice. Every template ends: the only loops are over lists, and
// work, depth and sizes are bounded.
package erb
