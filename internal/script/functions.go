package script

import (
	_ "embed"

	"mrsk/internal/shell"
)

//go:embed sh/root.sh
var rootSh string

// Functions are the shell functions for all features.
var Functions = shell.NewLibrary(rootSh)

// AsRoot COMMAND… runs a command as root without asking for a password.
var AsRoot = Functions.Function("as_root")
