package accessory

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

//go:embed sh/accessory.sh
var accessorySh string

// Functions is the library of this package's shell functions.
var Functions = shell.NewLibrary(accessorySh)

// The shell functions. sh/accessory.sh defines and documents them.
var (
	inImage      = Functions.Function("in_image", docker.Client)
	allow        = Functions.Function("allow", inImage)
	closeFolder  = Functions.Function("close_folder")
	makeFolder   = Functions.Function("make_folder", allow)
	putFile      = Functions.Function("put_file", allow)
	removeFolder = Functions.Function("remove_folder", docker.Client)
)
