package testhost

import (
	_ "embed"
)

// Docker is a docker for hosts of tests, to be Put there: it answers out of files in ~/docker,
// and fails loudly when it is asked for anything else.
//
//go:embed docker.sh
var Docker string
