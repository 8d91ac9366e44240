package doctor

import (
	"mrsk/internal/inspect"
)

// Drift makes findings of what the status says about proxies and certificates. Containers are not
// among them: before the first deploy there are none.
func Drift(s inspect.Status) []Finding {
	var out []Finding
	for _, d := range s.Drift {
		switch d.ID {
		case inspect.ProxyDiffers, inspect.ProxyDown:
			if s.Runs() {
				out = append(out, found(ProxyState, d.Hosts, d.Next, "%s", d.What))
			}
		case inspect.CertificateMissing, inspect.CertificateExpiring:
			if s.Runs() {
				out = append(out, found(CertificateState, d.Hosts, d.Next, "%s", d.What))
			}
		}
	}
	return out
}
