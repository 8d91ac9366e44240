// Package rosetta stands in for a module that the module proxy does not serve. It tells whether a
// Mac translates programs of another processor, which a host on Linux never does.
package rosetta

// Available reports that there is no translation.
func Available() bool { return false }

// Enabled reports that there is no translation.
func Enabled() bool { return false }

// NativeArch is not known here.
func NativeArch() string { return "" }
