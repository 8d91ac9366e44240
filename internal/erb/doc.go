// Package erb renders ERB templates without Ruby: text with tags that hold code in the part of
// Ruby that configuration files use. It is a scanner of tags, a parser that makes closures of the
// code, and tables of the methods that values have. It is pure: whatever a template asks of the
// world it asks through World, and only when it gets there, so that a branch which is not taken
// runs no command.
//
// What lies beyond that part is rendered by ruby where the World has one, and is an error with
// line and column where it has not. No template makes it turn for ever: steps, depth and sizes
// are bounded.
package erb
