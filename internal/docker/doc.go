// Package docker renders docker command lines and reads what docker prints. It decides nothing:
// which container is to run or stop is for the features above it.
package docker

import (
	"strconv"
	"strings"

	"mrsk/internal/ansi"
	"mrsk/internal/config"
)

// Network is the network that joins the proxy and the containers behind it on a host.
const Network = config.Network

// The labels by which containers are found and understood. The first three are the reference's.
const (
	LabelService     = "service"
	LabelRole        = "role"
	LabelDestination = "destination" // present and empty without a destination
	LabelVersion     = "mrsk.version"
	LabelAlias       = "mrsk.alias"   // the container's name on Network
	LabelDigest      = "mrsk.digest"  // the image's digest in the registry, when it is known
	LabelConfig      = "mrsk.config"  // hash of how a container that outlives deploys was started
	LabelPlugins     = "mrsk.plugins" // what the proxy was started with that route files may name
	// LabelPlacement is on which hosts each role was to run when the container was started, as JSON.
	LabelPlacement = "mrsk.placement"
	// LabelSettings is what the configuration said about the role, without values of variables, as JSON.
	LabelSettings = "mrsk.settings"
)

// Owner returns the value of a label that says to whom a container belongs. It stands in lines on the screen, and
// any user of docker on the host can set it: one with characters that end a line or steer a terminal, which mrsk
// never writes, is quoted.
func Owner(labels map[string]string, label string) string {
	value := labels[label]
	if strings.ContainsFunc(value, ansi.Unsafe) || strings.Contains(value, "\t") {
		return strconv.Quote(value)
	}
	return value
}
