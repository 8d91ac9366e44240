// Command mrsk deploys web apps as containers to plain servers.
package main

import (
	"os"

	"mrsk/internal/cli"
)

func main() { os.Exit(cli.Main(cli.OS(), os.Args[1:])) }
