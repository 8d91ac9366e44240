// Package erb renders ERB templates without Ruby: text with tags that hold code. It supports the
// part of Ruby that configuration files use; docs/compatibility.md counts the forms.
//
// A template is cut into pieces (template.go), its code into tokens (token.go, literal.go). The
// parser turns them into nodes, which evaluate themselves (parse.go, expression.go, control.go).
// What values can do is in tables of methods, a file per kind of value. The package is pure: a
// template reaches files, commands and the environment only through World, and only when the code
// that asks for them runs.
//
// Code that is not supported is rendered by ruby where the World has one, and is an error with
// line, column and advice where it has not. Every template ends: there are no loops but over
// lists, and work, depth and sizes are bounded.
package erb
