package docker

import (
	"slices"

	"mrsk/internal/config"
)

// unique are the options that only one container can have, or that are about how it is kept up.
var unique = []string{
	"publish", "p", "publish-all", "P", "name", "hostname", "ip", "ip6", "mac-address", "network-alias",
	"restart", "health-cmd", "health-interval", "health-retries", "health-start-period", "health-timeout", "cidfile", "detach", "d", "rm",
}

// Repeatable are the options that a second container beside the first can have, too.
func Repeatable(options []config.Option) []config.Option {
	return slices.DeleteFunc(slices.Clone(options), func(o config.Option) bool { return slices.Contains(unique, o.Name) })
}
