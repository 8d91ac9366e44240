package app

import (
	"encoding/json"

	"mrsk/internal/config"
	"mrsk/internal/docker"
)

// placement is on which hosts each role is to run, for a label. The hosts that stay in the
// configuration tell by it which others had the app.
func placement(p *config.Placement) string {
	hosts := map[string][]string{}
	for _, role := range p.Roles {
		hosts[role.Name] = p.HostsOf(role)
	}
	text, _ := json.Marshal(hosts) // never fails for these types
	return string(text)
}

// placementIn reads what placement wrote; what makes no sense is left out.
func placementIn(labels map[string]string) map[string][]string {
	var hosts map[string][]string
	if err := json.Unmarshal([]byte(labels[docker.LabelPlacement]), &hosts); err != nil {
		return nil
	}
	return hosts
}
