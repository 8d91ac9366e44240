package app

import (
	"encoding/json"

	"mrsk/internal/config"
	"mrsk/internal/docker"
)

// placement returns the hosts of each role as JSON, for a label of new containers. When a host leaves the
// configuration, the labels on the other hosts still name it. It returns "" if there would be no room for it.
func placement(p *config.Placement) string {
	hosts := map[string][]string{}
	for _, role := range p.Roles {
		hosts[role.Name] = p.HostsOf(role)
	}
	text, _ := json.Marshal(hosts) // never fails for these types
	if len(text) > largest {
		return ""
	}
	return string(text)
}

// placementIn parses the label of placement. It returns nil if the label is missing, malformed or too large.
func placementIn(labels map[string]string) map[string][]string {
	var hosts map[string][]string
	if len(labels[docker.LabelPlacement]) > largest {
		return nil
	}
	if err := json.Unmarshal([]byte(labels[docker.LabelPlacement]), &hosts); err != nil {
		return nil
	}
	return hosts
}
