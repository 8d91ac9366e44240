// Package docker renders docker command lines and reads what docker prints. It decides nothing:
// which container is to run or stop is for the features above it.
package docker

import (
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

// longestOwner is the length in bytes to which the name of an owner is cut. It is that of a tag, twice.
const longestOwner = 256

// Owner returns the value of a label that says to whom a container belongs. It stands in lines on the screen, and any
// user of docker on the host can set it, so that one which mrsk would never write is quoted and cut.
func Owner(labels map[string]string, label string) string {
	return ansi.Line(labels[label], longestOwner)
}
