package remote

// harmlessKeys are the keywords that affect neither whom to trust nor how to reach a host. A
// configuration with no others needs no run of ssh -G.
var harmlessKeys = map[string]bool{
	"addkeystoagent": true, "applemultipath": true, "compression": true, "controlmaster": true,
	"controlpath": true, "controlpersist": true, "dynamicforward": true, "escapechar": true,
	"enableescapecommandline": true, "exitonforwardfailure": true, "forkafterauthentication": true,
	"forwardx11": true, "forwardx11timeout": true, "forwardx11trusted": true, "gatewayports": true,
	"gssapiauthentication": true, "gssapidelegatecredentials": true, "gssapikeyexchange": true,
	"gssapirenewalforcesrekey": true, "gssapitrustdns": true, "hashknownhosts": true,
	"ignoreunknown": true, "ipqos": true, "localforward": true, "loglevel": true, "logverbose": true,
	"obscurekeystroketiming": true, "remoteforward": true, "requesttty": true, "sendenv": true,
	"setenv": true, "streamlocalbindmask": true, "streamlocalbindunlink": true, "syslogfacility": true,
	"tcpkeepalive": true, "usekeychain": true, "visualhostkey": true, "xauthlocation": true,
}

func harmless(key string) bool { return harmlessKeys[key] }

// restricts reports whether a keyword can restrict whom to trust.
func restricts(key string) bool {
	switch key {
	case "stricthostkeychecking", "userknownhostsfile", "globalknownhostsfile", "revokedhostkeys",
		"hostkeyalias", "knownhostscommand", "checkhostip", "verifyhostkeydns", "hostkeyalgorithms",
		"kexalgorithms", "ciphers", "macs", "casignaturealgorithms", "pubkeyacceptedalgorithms",
		"pubkeyacceptedkeytypes", "requiredrsasize", "forwardagent", "identitiesonly", "identityagent",
		"pubkeyauthentication", "preferredauthentications", "proxyjump", "proxycommand":
		return true
	}
	return false
}
