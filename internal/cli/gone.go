package cli

// gone says of commands that MRSK and Kamal have, and that there is no need for here, what to do
// in their place. docs/compatibility.md says why.
var gone = map[string]string{
	"env":         "secrets travel with every container that is started: mrsk deploy, or mrsk app boot to take new ones",
	"envify":      "secrets files take commands and variables as they are; mrsk secrets print shows what comes out",
	"healthcheck": "a deploy checks the new containers themselves, before they get requests",
	"broadcast":   "hooks took its place, such as post-deploy",
	"downgrade":   "mrsk manages its own proxy only",

	"app remove_container":       "mrsk prune containers, or mrsk app remove",
	"app remove_containers":      "mrsk prune containers, or mrsk app remove",
	"app remove_images":          "mrsk prune images, or mrsk app remove",
	"app remove_app_directories": "mrsk app remove",

	"accessory upgrade":                  "accessories stay as they are; mrsk accessory reboot makes new containers",
	"accessory downgrade":                "accessories stay as they are; mrsk accessory reboot makes new containers",
	"accessory upload":                   "mrsk accessory boot and reboot bring files",
	"accessory directories":              "mrsk accessory boot and reboot make directories",
	"accessory pull_image":               "mrsk accessory reboot and restart pull the image",
	"accessory remove_container":         "mrsk accessory remove, with --keep-data for its container alone",
	"accessory remove_image":             "mrsk accessory remove",
	"accessory remove_service_directory": "mrsk accessory remove",

	"proxy boot_config":            "proxy/run in the configuration says the same, see mrsk docs proxy/run",
	"proxy remove_container":       "mrsk proxy remove",
	"proxy remove_image":           "mrsk proxy remove",
	"proxy remove_proxy_directory": "mrsk proxy remove",
	"proxy downgrade":              "mrsk manages its own proxy only",
}
