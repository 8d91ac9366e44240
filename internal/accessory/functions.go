package accessory

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

//go:embed sh/accessory.sh
var accessorySh string

// Functions are the shell functions of this package.
var Functions = shell.NewLibrary(accessorySh)

// The shell functions. What each of them does is said at its definition in sh/accessory.sh.
var (
	inImage      = Functions.Function("in_image", docker.Client)
	allow        = Functions.Function("allow", inImage)
	closeFolder  = Functions.Function("close_folder")
	makeFolder   = Functions.Function("make_folder", allow)
	putFile      = Functions.Function("put_file", allow)
	removeFolder = Functions.Function("remove_folder", docker.Client)
)
